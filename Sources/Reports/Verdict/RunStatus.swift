/// The verdict on a run.
public enum RunStatus: String, Codable, CaseIterable, Sendable {
    /// Its figures may be relied on.
    case valid
    /// It ran to its end, but its figures are not to be relied on; the reasons say why.
    case invalid
    /// It did not run to its end, or computed wrong tokens.
    case failed
    /// Someone stopped it.
    case interrupted
}
