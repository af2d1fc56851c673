internal import CMalloc
internal import Foundation

/// The version of epsim.
public enum EpsimVersion {
    /// The version of this epsim, by semantic versioning.
    public static let current = "0.1.0"
}
