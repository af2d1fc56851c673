import Basics
import MoE

/// What is published of one model; nil where nothing is.
struct ModelFacts: Equatable, Sendable {
    /// Where the facts come from.
    var source: String?
    /// The model whose architecture it shares under another name.
    var aliasOf: String?
    /// Parameters in all, and per token, in the authors' words.
    var publishedTotal: String?
    var publishedActive: String?
    /// Width of a token, H.
    var hidden: Int?
    /// Layers in all, dense ones included, and of encoder and decoder where there are both.
    var layers: Int?
    var encoderLayers: Int?
    var decoderLayers: Int?
    /// The order of layers where it is not a plain stack.
    var structure: String?
    /// Mixture-of-experts layers, L.
    var moeLayers: Int?
    /// Inner width of the feed-forward network of the dense layers.
    var denseFfn: Int?
    /// Routed experts per layer, E.
    var experts: Int?
    /// Experts per token, k.
    var topK: Int?
    /// Inner width of a routed expert, F.
    var expertFfn: Int?
    /// What stands between the matrices of an expert, and a remark on it.
    var activation: Activation?
    var activationNote: String?
    /// Whether every matrix of an expert comes with a bias.
    var expertBiases: Bool?
    /// Shared experts per layer, and their inner width together.
    var sharedExperts: Int?
    var sharedFfn: Int?
    /// The gate that weighs the shared experts.
    var sharedGate: String?
    /// Inner width of a dense network that runs beside the experts.
    var denseResidualFfn: Int?
    /// Multiplies the sum of all outputs of a layer.
    var outputScale: Double?
    /// Vocabulary, and whether input and output embeddings are one matrix.
    var vocab: Int?
    var tied: Bool?
    /// Parameter counts that follow from the sizes: routed experts, everything, and everything that a token meets.
    var computedExpertTotal: Int?
    var computedTotal: Int?
    var computedActive: Int?
    /// Anything else.
    var note: String?
    /// How the model routes.
    var router = RouterFacts()

    /// A model of which nothing is known.
    init() {}
}

/// What is published of the router of one model; nil where nothing is.
struct RouterFacts: Equatable, Sendable {
    /// The router that routes as the model does, by its name in the router catalogue.
    var rule: String?
    /// Its options.
    var options = RouterOptions()
    /// Options that evaluation has otherwise.
    var evaluation = RouterOptions()
    /// What no option says, for people.
    var remarks: [String: String] = [:]

    /// The options in training or in evaluation.
    func options(isTraining: Bool) -> RouterOptions {
        var options = options
        if !isTraining {
            for row in RouterOptions.rows where row.option.text(evaluation) != nil {
                row.option.copy(evaluation, &options)
            }
        }
        return options
    }
}
