public import MoE

/// The matrices of one expert as a model stores them: row-major singles, `[out, in]`.
public struct ExpertParameters: Sendable {
    /// Shape that the matrices belong to.
    public let shape: ExpertShape
    /// `[ffn, hidden]`, or nil when the activation has no gate.
    public let gate: [Float]?
    /// `[ffn, hidden]`.
    public let up: [Float]
    /// `[hidden, ffn]`.
    public let down: [Float]

    /// Parameters of the given shape.
    ///
    /// - Precondition: the matrices have the sizes that the shape asks for.
    public init(shape: ExpertShape, gate: [Float]?, up: [Float], down: [Float]) {
        let size = shape.hidden * shape.ffn
        precondition((gate != nil) == shape.activation.isGated && (gate ?? up).count == size, "gate does not fit")
        precondition(up.count == size && down.count == size, "up or down does not fit")
        self.shape = shape
        self.gate = gate
        self.up = up
        self.down = down
    }
}
