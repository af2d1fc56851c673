public import MoE
public import Tensors

/// Weights as a function of (seed, layer, expert): every process makes the same ones, and none cross the wire.
///
/// Each matrix is uniform on [-sqrt(3 / inputs), sqrt(3 / inputs)), which has variance 1 / inputs, so that a token of
/// unit variance keeps its scale. Uniform numbers need no logarithm and so have the same bits on every processor.
public struct SeededWeights: Sendable {
    private let seed: UInt64

    private enum MatrixTag: Int {
        case gate = 0
        case up = 1
        case down = 2
    }

    /// Added to the matrix tag for shared experts, to keep their streams apart from the routed ones.
    private static let sharedTag = 16

    /// Weights of the run with this seed.
    public init(seed: UInt64) {
        self.seed = seed
    }

    /// All matrices of one expert.
    public func parameters(of expert: ExpertIdentity, layer: Int, shape: ExpertShape) -> ExpertParameters {
        ExpertParameters(
            shape: shape,
            gate: shape.activation.isGated ? matrix(.gate, expert, layer, shape.ffn, shape.hidden) : nil,
            up: matrix(.up, expert, layer, shape.ffn, shape.hidden),
            down: matrix(.down, expert, layer, shape.hidden, shape.ffn)
        )
    }

    /// One projection of the router, `[experts, hidden]`.
    ///
    /// - Parameters:
    ///   - projection: which one the router asks for.
    ///   - layer: the layer that it stands in.
    ///   - experts: number of routed experts.
    ///   - hidden: width of a token.
    ///   - standardDeviation: of the projection's result for a token whose root mean square is 1.
    public func projection(
        _ projection: RouterProjection,
        layer: Int,
        experts: Int,
        hidden: Int,
        standardDeviation: Float
    ) -> Matrix {
        let random = CounterRandom(seed: seed, purpose: .routerWeights, projection.rawValue, layer)
        var matrix = Matrix(rows: experts, columns: hidden)
        random.fill(&matrix.values, bound: standardDeviation * (3 / Float(hidden)).squareRoot())
        return matrix
    }

    private func matrix(
        _ tag: MatrixTag,
        _ expert: ExpertIdentity,
        _ layer: Int,
        _ outputs: Int,
        _ inputs: Int
    ) -> [Float] {
        let random =
            switch expert {
            case .routed(let index):
                CounterRandom(seed: seed, purpose: .expertWeights, index, layer, tag.rawValue)
            case .shared:
                CounterRandom(seed: seed, purpose: .expertWeights, 0, layer, tag.rawValue + Self.sharedTag)
            }
        var values = [Float](repeating: 0, count: outputs * inputs)
        random.fill(&values, bound: (3 / Float(inputs)).squareRoot())
        return values
    }
}
