/// The version of epsim.
public enum EpsimVersion {
    /// Semantic version.
    public static let current = "0.1.0"
}
