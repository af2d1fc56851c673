import MoE
internal import Experts
internal import Tensors

/// The norms in front of the layers.
struct LayerNorms: Sendable {
    /// The gains of one layer; nil for a gain of 1 throughout.
    private struct Gains {
        let experts: [Float]?
        let dense: [Float]?
    }

    private let gains: [Gains]
    private let normalizes: Bool

    /// - Parameter normalizes: false when layers read what enters them as it is.
    init(_ source: any ExpertSource, normalizes: Bool) throws(CheckpointError) {
        self.normalizes = normalizes
        var gains: [Gains] = []
        for layer in 0..<source.shape.layers where normalizes {
            gains.append(Gains(experts: try source.expertNorm(layer: layer), dense: try source.denseNorm(layer: layer)))
        }
        self.gains = gains
    }

    /// What a layer reads of the residual stream `[tokens, hidden]`, or nil when it reads the stream itself.
    func input(_ hidden: Matrix, layer: Int) -> LayerInput? {
        guard normalizes else { return nil }
        let gains = gains[layer]
        return LayerInput(
            tokens: RMSNorm.apply(hidden, gain: gains.experts),
            dense: gains.dense.map { RMSNorm.apply(hidden, gain: $0) }
        )
    }
}
