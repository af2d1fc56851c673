public import MoE
public import Tensors

/// Weights as a function of (seed, layer, expert): every process makes the same ones, and none cross the wire.
///
/// Each matrix is uniform on [-sqrt(3 / inputs), sqrt(3 / inputs)), which has variance 1 / inputs, so that a token of
/// unit variance keeps its scale; so is each bias. Uniform numbers need no logarithm and so have the same bits on every
/// processor.
public struct SeededWeights: Sendable {
    private let seed: UInt64

    private enum Tag: Int {
        case gate = 0
        case up = 1
        case down = 2
        case gateBias = 3
        case upBias = 4
        case downBias = 5
    }

    /// The offset of the shared expert's stream tags, which keeps its random numbers apart from those of the routed and
    /// dense experts.
    private static let sharedTag = 16
    private static let denseTag = 32

    /// Weights of the run with this seed.
    public init(seed: UInt64) {
        self.seed = seed
    }

    /// All matrices of one expert, and its biases if the shape has any.
    public func parameters(of expert: ExpertIdentity, layer: Int, shape: ExpertShape) -> ExpertParameters {
        func values(_ tag: Tag, outputs: Int, inputs: Int, perOutput: Int) -> [Float] {
            var values = [Float](repeating: 0, count: outputs * perOutput)
            random(tag, expert, layer).fill(&values, bound: (3 / Float(inputs)).squareRoot())
            return values
        }
        let (hidden, ffn) = (shape.hidden, shape.ffn)
        let isGated = shape.activation.isGated
        var biases: ExpertBiases?
        if shape.hasBiases {
            biases = ExpertBiases(
                gate: isGated ? values(.gateBias, outputs: ffn, inputs: hidden, perOutput: 1) : nil,
                up: values(.upBias, outputs: ffn, inputs: hidden, perOutput: 1),
                down: values(.downBias, outputs: hidden, inputs: ffn, perOutput: 1)
            )
        }
        return ExpertParameters(
            shape: shape,
            gate: isGated ? values(.gate, outputs: ffn, inputs: hidden, perOutput: hidden) : nil,
            up: values(.up, outputs: ffn, inputs: hidden, perOutput: hidden),
            down: values(.down, outputs: hidden, inputs: ffn, perOutput: ffn),
            biases: biases
        )
    }

    /// One projection of the router, `[outputs, hidden]`.
    ///
    /// - Parameters:
    ///   - projection: the projection that the router asks for.
    ///   - layer: the layer of the router.
    ///   - outputs: numbers that the projection gives for each token.
    ///   - hidden: width of a token.
    ///   - standardDeviation: of the projection's result for a token whose root mean square is 1.
    public func projection(
        _ projection: RouterProjection,
        layer: Int,
        outputs: Int,
        hidden: Int,
        standardDeviation: Float
    ) -> Matrix {
        let random = CounterRandom(seed: seed, purpose: .routerWeights, projection.rawValue, layer)
        var matrix = Matrix(rows: outputs, columns: hidden)
        random.fill(&matrix.values, bound: standardDeviation * (3 / Float(hidden)).squareRoot())
        return matrix
    }

    /// The gate of the shared expert, `[hidden]`, uniform like the matrices.
    public func sharedGate(layer: Int, hidden: Int) -> [Float] {
        var gate = [Float](repeating: 0, count: hidden)
        let random = CounterRandom(seed: seed, purpose: .routerWeights, Self.sharedTag, layer)
        random.fill(&gate, bound: (3 / Float(hidden)).squareRoot())
        return gate
    }

    private func random(_ tag: Tag, _ expert: ExpertIdentity, _ layer: Int) -> CounterRandom {
        let (index, offset) =
            switch expert {
            case .routed(let index): (index, 0)
            case .shared: (0, Self.sharedTag)
            case .dense: (0, Self.denseTag)
            }
        return CounterRandom(seed: seed, purpose: .expertWeights, index, layer, tag.rawValue + offset)
    }
}
