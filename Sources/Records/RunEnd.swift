/// The end of a run.
public enum RunEnd: Equatable, Sendable {
    /// All steps ran.
    case completed
    /// Something went wrong, said in one line.
    case failed(String)
    /// Someone stopped it, said in one line; what was measured until then counts.
    case interrupted(String)
}
