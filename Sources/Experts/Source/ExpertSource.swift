public import MoE
public import Tensors

/// The source of the weights of a stack of mixture-of-experts layers: a seed or a checkpoint.
///
/// Layers are counted as the run counts them, from 0. Every piece is made or read anew by each call, so that memory
/// holds no more than what the caller keeps.
public protocol ExpertSource: Sendable {
    /// The shape of the stack.
    var shape: ModelShape { get }

    /// All matrices and biases of one expert.
    ///
    /// - Throws: ``CheckpointError`` when there is no such expert, or a tensor is not what it should be.
    func expertParameters(of expert: ExpertIdentity, layer: Int) throws(CheckpointError) -> ExpertParameters

    /// One projection of the router, `[outputs, hidden]`.
    ///
    /// - Throws: ``CheckpointError`` when the source has no such projection, or a tensor is not what it should be.
    func projection(_ projection: RouterProjection, outputs: Int, layer: Int) throws(CheckpointError) -> Matrix

    /// `[experts]`, added to the logits; nil when there is none.
    func routerBias(layer: Int) throws(CheckpointError) -> [Float]?

    /// `[experts]`, added to the scores for the selection only; nil when there is none.
    func selectionBias(layer: Int) throws(CheckpointError) -> [Float]?

    /// `[hidden]`: the sigmoid of its product with a token weighs the shared expert; nil when there is none.
    func sharedGate(layer: Int) throws(CheckpointError) -> [Float]?

    /// `[hidden]`, the gain of the RMS norm of what router and experts read; nil when there is none.
    func expertNorm(layer: Int) throws(CheckpointError) -> [Float]?

    /// `[hidden]`, the gain of the RMS norm of what the dense network reads; nil when it reads what the experts read.
    func denseNorm(layer: Int) throws(CheckpointError) -> [Float]?

    /// `[hidden]`, added once to the weighted sum of the experts; nil when there is none.
    func outputBias(layer: Int) throws(CheckpointError) -> [Float]?
}
