internal import CZeroMQ

/// The libzmq that this program was linked with.
public enum TransportLibrary {
    /// Its version.
    public static var version: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        unsafe zmq_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    /// Whether it can encrypt.
    public static var hasCurve: Bool { unsafe zmq_has("curve") != 0 }
}
