internal import COneDNN

/// The oneDNN that this program was linked with.
public enum ComputeLibrary {
    /// Its version and the threading that it was built with.
    public static var version: String {
        guard let version = unsafe dnnl_version()?.pointee else { return "unknown version" }
        return unsafe "\(version.major).\(version.minor).\(version.patch)"
    }
}
