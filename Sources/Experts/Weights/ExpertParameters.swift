public import MoE

/// The matrices of one expert as a model stores them, row-major singles `[out, in]`, and its biases if it has any.
public struct ExpertParameters: Equatable, Sendable {
    /// The shape that the matrices have.
    public let shape: ExpertShape
    /// The gate matrix, `[ffn, hidden]`, or nil when the activation has no gate.
    public let gate: [Float]?
    /// The up matrix, `[ffn, hidden]`.
    public let up: [Float]
    /// The down matrix, `[hidden, ffn]`.
    public let down: [Float]
    /// The biases that are added to the products, or nil when the shape has none.
    public let biases: ExpertBiases?

    /// Create the parameters of an expert from its matrices and biases.
    ///
    /// - Precondition: the matrices and biases have the sizes that the shape asks for.
    public init(shape: ExpertShape, gate: [Float]?, up: [Float], down: [Float], biases: ExpertBiases? = nil) {
        let size = shape.hidden * shape.ffn
        let isGated = shape.activation.isGated
        precondition((gate != nil) == isGated && (gate ?? up).count == size, "gate does not fit")
        precondition(up.count == size && down.count == size, "up or down does not fit")
        precondition((biases != nil) == shape.hasBiases, "biases do not fit")
        if let biases {
            precondition((biases.gate != nil) == isGated && (biases.gate ?? biases.up).count == shape.ffn)
            precondition(biases.up.count == shape.ffn && biases.down.count == shape.hidden)
        }
        self.shape = shape
        self.gate = gate
        self.up = up
        self.down = down
        self.biases = biases
    }
}

/// The biases of one expert, in single precision: each is added to the product of its matrix.
public struct ExpertBiases: Equatable, Sendable {
    /// The bias of the gate matrix, `[ffn]`, or nil when the activation has no gate.
    public let gate: [Float]?
    /// The bias of the up matrix, `[ffn]`.
    public let up: [Float]
    /// The bias of the down matrix, `[hidden]`.
    public let down: [Float]

    /// The biases of the gate, up and down matrix.
    public init(gate: [Float]?, up: [Float], down: [Float]) {
        self.gate = gate
        self.up = up
        self.down = down
    }
}
