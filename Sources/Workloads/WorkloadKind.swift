/// The source of a run's tokens.
public enum WorkloadKind: String, Codable, CaseIterable, Sendable {
    /// Hidden states of a real model, from a tensor file.
    case activations
    /// A text, with embeddings from the seed.
    case text
    /// Recorded expert choices, replayed instead of the gate's.
    case trace
    /// Choices drawn from the recorded loads of experts.
    case loads
    /// Seeded tokens and a gate that follows a given popularity of the experts.
    case synthetic

    /// True when it says which experts a token visits, so that no router has to.
    public var holdsChoices: Bool { self == .trace || self == .loads }
}
