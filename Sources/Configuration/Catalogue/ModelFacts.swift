import Basics
import MoE

/// The published facts of one model; nil where a fact is unknown.
struct ModelFacts: Equatable, Sendable {
    /// The document that the facts come from.
    var source: String?
    /// The name of the model that has the same architecture.
    var aliasOf: String?
    /// Further names of the model.
    var aliases: [String] = []
    /// The number of parameters in all, and per token, in the authors' words.
    var publishedTotal: String?
    var publishedActive: String?
    /// The width of a token, H.
    var hidden: Int?
    /// The number of layers in all, dense ones included, and of encoder and decoder where the model has both.
    var layers: Int?
    var encoderLayers: Int?
    var decoderLayers: Int?
    /// The order of layers where it is not a plain stack.
    var structure: String?
    /// The number of mixture-of-experts layers, L.
    var moeLayers: Int?
    /// The inner width of the feed-forward network of the dense layers.
    var denseFfn: Int?
    /// The number of routed experts with weights per layer, E, and of those that return their input, Z.
    var experts: Int?
    var identityExperts: Int?
    /// The number of experts per token, k.
    var topK: Int?
    /// The inner width of a routed expert, F.
    var expertFfn: Int?
    /// The activation function between the matrices of an expert, and a remark on it.
    var activation: Activation?
    var activationNote: String?
    /// Whether every matrix of an expert has a bias.
    var expertBiases: Bool?
    /// The number of shared experts per layer, and their inner width together.
    var sharedExperts: Int?
    var sharedFfn: Int?
    /// A description of the gate that weights the shared experts.
    var sharedGate: String?
    /// The inner width of a dense network that runs beside the experts.
    var denseResidualFfn: Int?
    /// The factor on the sum of all outputs of a layer.
    var outputScale: Double?
    /// The size of the vocabulary, and whether input and output embeddings are one matrix.
    var vocab: Int?
    var tied: Bool?
    /// The numbers of parameters that follow from the sizes: of routed experts, in all, and those used per token.
    var computedExpertTotal: Int?
    var computedTotal: Int?
    var computedActive: Int?
    /// Remarks on the model.
    var note: String?
    /// The facts of the model's router.
    var router = RouterFacts()

    /// Create a model without known facts.
    init() {}
}

/// The published facts of the router of one model; nil where a fact is unknown.
struct RouterFacts: Equatable, Sendable {
    /// The router that routes as the model does, by its name in the router catalogue.
    var rule: String?
    /// The options of the router in training.
    var options = RouterOptions()
    /// The options that differ in evaluation.
    var evaluation = RouterOptions()
    /// Remarks for readers, by topic, on behaviour that no option sets.
    var remarks: [String: String] = [:]

    /// The options of the router in training or in evaluation.
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
