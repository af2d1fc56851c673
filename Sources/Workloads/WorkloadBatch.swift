public import Tensors

/// The tokens of one step.
public struct WorkloadBatch: Equatable, Sendable {
    /// What enters the first layer, `[tokens, hidden]`.
    public var hidden: Matrix
    /// What decides on the experts of these tokens.
    public var gate: GateSource

    /// A batch of `hidden.rows` tokens.
    public init(hidden: Matrix, gate: GateSource) {
        self.hidden = hidden
        self.gate = gate
    }
}
