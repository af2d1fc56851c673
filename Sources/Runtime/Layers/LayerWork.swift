internal import Cluster
internal import MoE

/// A layer of a micro-batch that is about to be sent.
struct LayerWork {
    let id: ExchangeID
    let routed: RoutedBatch
    /// How its tokens visit the common experts.
    let visits: [CommonVisits]
    /// What experts read, or nil when they read the residual stream.
    let input: LayerInput?
    /// Tokens of the whole step.
    let tokensOfStep: Int
    /// Whether somebody wants the layer's inputs and outputs.
    let keepsOutput: Bool

    var layer: Int { Int(id.layer) }
}
