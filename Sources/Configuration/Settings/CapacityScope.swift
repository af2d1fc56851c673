/// Which tokens compete for the places of an expert.
public enum CapacityScope: String, Codable, CaseIterable, Sendable {
    /// All tokens of a step.
    case batch
    /// Groups of consecutive tokens.
    case groups
    /// The tokens of one sequence.
    case sequences
}
