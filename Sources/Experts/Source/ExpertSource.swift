public import MoE
public import Tensors

/// The source of the weights of a stack of mixture-of-experts layers: a seed or a checkpoint.
///
/// Layers are counted as the run counts them, from 0. Every piece is made or read anew by each call, so that memory
/// holds no more than what the caller keeps.
public protocol ExpertSource: Sendable {
    /// The shape of the stack of layers.
    var shape: ModelShape { get }

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
