/// The ideal of a step's time as a sweep's scale grows.
public enum ScalingIdeal: String, CaseIterable, Equatable, Sendable {
    /// The same work: as 1 / scale.
    case strong
    /// Work that grows with the scale: it stays.
    case weak
}
