/// The biases of one expert, in single precision: each is added to the product of its matrix.
public struct ExpertBiases: Equatable, Sendable {
    /// `[ffn]`, or nil when the activation has no gate.
    public let gate: [Float]?
    /// `[ffn]`.
    public let up: [Float]
    /// `[hidden]`.
    public let down: [Float]

    /// The biases of the gate, up and down matrix.
    public init(gate: [Float]?, up: [Float], down: [Float]) {
        self.gate = gate
        self.up = up
        self.down = down
    }
}
