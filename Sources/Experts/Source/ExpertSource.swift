public import MoE
public import Tensors

/// The source of the weights of a stack of mixture-of-experts layers: a seed or a checkpoint.
///
/// Layers are counted as the run counts them, from 0. Every piece is made or read anew by each call, so that memory
/// holds no more than what the caller keeps.
public protocol ExpertSource: Sendable {
    /// The shape of the stack of layers.
    var shape: ModelShape { get }

    /// Check that the numbers of the gates, biases and norms are finite, and those of the experts where asked.
    ///
    /// - Throws: ``CheckpointError`` with file, tensor and indices of the first number that is not.
    func checkValues(ofExperts: Bool) throws(CheckpointError)

    /// All matrices and biases of one expert.
    ///
    /// - Throws: ``CheckpointError`` when there is no such expert, or a tensor is not what it should be.
    func expertParameters(of expert: ExpertIdentity, layer: Int) throws(CheckpointError) -> ExpertParameters

    /// One projection of the router, `[outputs, hidden]`.
    ///
    /// - Throws: ``CheckpointError`` when the source has no such projection, or a tensor is not what it should be.
    func projection(_ projection: RouterProjection, outputs: Int, layer: Int) throws(CheckpointError) -> Matrix

    /// The bias of the logits, `[experts]`; nil when there is none.
    func routerBias(layer: Int) throws(CheckpointError) -> [Float]?

    /// The bias that is added to the scores for the selection only, `[experts]`; nil when there is none.
    func selectionBias(layer: Int) throws(CheckpointError) -> [Float]?

    /// The gate of the shared expert, `[hidden]`: the sigmoid of its product with a token weighs the expert; nil when
    /// there is none.
    func sharedGate(layer: Int) throws(CheckpointError) -> [Float]?

    /// The gain of the RMS norm of the input of router and experts, `[hidden]`; nil when there is none.
    func expertNorm(layer: Int) throws(CheckpointError) -> [Float]?

    /// The gain of the RMS norm of the dense network's input, `[hidden]`; nil when that is the input of the experts.
    func denseNorm(layer: Int) throws(CheckpointError) -> [Float]?

    /// The bias that is added once to the weighted sum of the experts, `[hidden]`; nil when there is none.
    func outputBias(layer: Int) throws(CheckpointError) -> [Float]?
}

/// A stack of layers whose weights are a function of a seed, without biases beside those of the experts.
public struct SeededSource: ExpertSource {
    /// The shape of the stack of layers.
    public let shape: ModelShape

    private let seed: UInt64
    private let gateDeviation: Float
    private let weights: SeededWeights

    /// Create a stack of the given shape with weights from a seed.
    ///
    /// - Parameters:
    ///   - seed: the run's seed.
    ///   - shape: the shape of the stack.
    ///   - gateDeviation: standard deviation of the logits of a token whose root mean square is 1.
    public init(seed: UInt64, shape: ModelShape, gateDeviation: Float) {
        self.seed = seed
        self.shape = shape
        self.gateDeviation = gateDeviation
        weights = SeededWeights(seed: seed)
    }

    /// Do nothing: seeded numbers are finite.
    public func checkValues(ofExperts: Bool) {}

    /// All matrices and biases of one expert.
    ///
    /// - Throws: ``CheckpointError`` when the stack has no such expert.
    public func expertParameters(
        of expert: ExpertIdentity,
        layer: Int
    ) throws(CheckpointError) -> ExpertParameters {
        guard (0..<shape.layers).contains(layer) else { throw failure("has no layer \(layer)") }
        let expertShape: ExpertShape?
        switch expert {
        case .routed(let index): expertShape = (0..<shape.experts).contains(index) ? shape.expert : nil
        case .shared: expertShape = shape.sharedExpert
        case .dense: expertShape = shape.denseExpert
        }
        guard let expertShape else { throw failure("has no expert \(expert)") }
        return weights.parameters(of: expert, layer: layer, shape: expertShape)
    }

    /// One projection of the router, `[outputs, hidden]`.
    public func projection(
        _ projection: RouterProjection,
        outputs: Int,
        layer: Int
    ) throws(CheckpointError) -> Matrix {
        guard (0..<shape.layers).contains(layer) else { throw failure("has no layer \(layer)") }
        return weights.projection(
            projection,
            layer: layer,
            outputs: outputs,
            hidden: shape.hidden,
            standardDeviation: gateDeviation
        )
    }

    /// Nil: seeded routers have no bias.
    public func routerBias(layer: Int) -> [Float]? { nil }

    /// Nil: seeded routers have no selection bias.
    public func selectionBias(layer: Int) -> [Float]? { nil }

    /// The gate of the shared expert, `[hidden]`, where the shape has one: the logit of a token of root mean square 1
    /// has variance 1.
    public func sharedGate(layer: Int) -> [Float]? {
        shape.hasSharedGate ? weights.sharedGate(layer: layer, hidden: shape.hidden) : nil
    }

    /// Nil: seeded norms have no gain.
    public func expertNorm(layer: Int) -> [Float]? { nil }

    /// Nil: seeded norms have no gain.
    public func denseNorm(layer: Int) -> [Float]? { nil }

    /// Nil: seeded layers have no output bias.
    public func outputBias(layer: Int) -> [Float]? { nil }

    private func failure(_ message: String) -> CheckpointError {
        CheckpointError(path: "weights of seed \(seed)", message: message)
    }
}
