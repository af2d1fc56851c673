/// What a sweep is held against as its scale grows.
public enum SweepIdeal: String, CaseIterable, Sendable {
    /// Nothing.
    case none
    /// The same work: the time of a step falls as 1 / scale.
    case strong
    /// Work that grows with the scale: the time of a step stays.
    case weak
}
