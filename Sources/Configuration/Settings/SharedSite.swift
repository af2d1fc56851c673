/// Where the experts that every token visits run.
public enum SharedSite: String, Codable, CaseIterable, Sendable {
    /// On every rank, for the tokens that it owns.
    case ranks
    /// On the coordinator, while the ranks compute.
    case coordinator
}
