public import Records

/// The rule by which points of a sweep are compared as their scale grows.
public struct ScalingRule: Equatable, Sendable {
    /// How the time of a step should go.
    public let ideal: ScalingIdeal
    /// The key of the scale.
    public let scale: String
    /// Keys whose values two points must share to be held against each other.
    public let keysBesideScale: [String]

    /// A rule.
    public init(ideal: ScalingIdeal, scale: String, keysBesideScale: [String]) {
        self.ideal = ideal
        self.scale = scale
        self.keysBesideScale = keysBesideScale
    }
}
