/// Which clock the times of a report are by.
public enum ReportClock: String, Codable, CaseIterable, Sendable {
    /// Wall time of real processes.
    case measured
    /// A cost model over a hardware profile.
    case modelled
}
