/// By which clock the points of a sweep are timed.
public enum SweepClock: String, CaseIterable, Sendable {
    /// Wall time of real processes.
    case measured
    /// A cost model over a hardware profile.
    case modelled
}
