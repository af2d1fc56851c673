/// The kinds of input.
public enum WorkloadKind: String, Codable, CaseIterable, Sendable {
    /// Hidden states from a tensor file.
    case activations
    /// Tokens from a text, with embeddings from the seed.
    case text
    /// Recorded expert choices, replayed instead of the gate.
    case trace
    /// Tokens from the seed, with a chosen popularity of the experts.
    case synthetic
}
