/// What a coordinator does. The first four take turns on its own thread; see ``CoordinatorSeconds`` for the processor time of
/// each.
public enum CoordinatorWork: String, CaseIterable, Sendable {
    /// Norm, logits and routing.
    case gate
    /// Permuting tokens by rank and expert, and encoding them.
    case permute
    /// Weighted sums of the outputs, and the residual.
    case combine
    /// Handing messages over, reading them, or waiting for them: no work on tokens.
    case messages
    /// Shared and dense experts of its own, on threads of their own.
    case experts
}
