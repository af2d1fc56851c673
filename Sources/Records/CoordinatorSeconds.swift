/// Processor time of the coordinator's own thread in one layer, by what it did.
///
/// Processor time, because a thread that shares its core with a worker is often ready and not running.
public struct CoordinatorSeconds: Codable, Equatable, Sendable {
    /// Norm, logits and routing.
    public var gate: Double
    /// Permuting tokens by rank and expert, and encoding them.
    public var permute: Double
    /// Weighted sums of the outputs, and the residual.
    public var combine: Double
    /// Messages: handing them over, reading them, keeping the cluster's state.
    public var messages: Double

    /// Seconds by kind of work.
    public init(gate: Double = 0, permute: Double = 0, combine: Double = 0, messages: Double = 0) {
        self.gate = gate
        self.permute = permute
        self.combine = combine
        self.messages = messages
    }

    /// Adds time of one kind of work; experts run on threads of their own and do not count.
    public mutating func add(_ seconds: Double, to work: CoordinatorWork) {
        switch work {
        case .gate: gate += seconds
        case .permute: permute += seconds
        case .combine: combine += seconds
        case .messages: messages += seconds
        case .experts: break
        }
    }

    /// All of it.
    public var total: Double { gate + permute + combine + messages }
}

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
