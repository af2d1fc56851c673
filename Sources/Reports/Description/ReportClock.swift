/// The clock of a report's times.
public enum ReportClock: String, Codable, CaseIterable, Sendable {
    /// Wall time of real processes.
    case measured
    /// A cost model over a hardware profile.
    case modelled
}
