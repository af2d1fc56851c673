/// What a coordinator does with tokens. The first three take turns on its own thread, which reads and writes messages, or
/// waits for them, in between; see ``CoordinatorSeconds`` for the processor time of each.
public enum CoordinatorWork: String, CaseIterable, Sendable {
    /// Norm, logits and routing.
    case gate
    /// Permuting tokens by rank and expert, and encoding them.
    case permute
    /// Weighted sums of the outputs, and the residual.
    case combine
    /// Shared and dense experts of its own, on threads of their own.
    case experts
}
