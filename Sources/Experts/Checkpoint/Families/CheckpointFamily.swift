public import Basics
public import MoE

/// Under which names and in which form a model family stores its mixture-of-experts layers: data, not code.
public struct CheckpointFamily: Equatable, Sendable {
    /// The dense network beside the experts, with its norms; names stand behind the prefix of the layer.
    struct Dense: Equatable, Sendable {
        let layout: ExpertLayout
        /// Norm of what the dense network reads.
        var norm: String?
        /// Norm of what the experts read.
        var expertNorm: String?
    }

    /// Something that some checkpoints of a family have and others have not.
    enum Piece {
        case routerBias
        case sharedExpert
    }

    /// The name in a configuration, for example `deepseek-v3`: that of its router, where there is only one such family.
    public let name: String
    /// What `model_type` in `config.json` says for this family.
    public let modelTypes: [String]
    /// Other names of it.
    var aliases: [String] = []
    /// The name of its router where it is not the family's own.
    var sharedRouter: String?
    /// Multiplies the sum of all outputs of a layer (Grok-2: 1/√2).
    public var outputScale = 1.0
    /// What stands between the matrices of its experts.
    public var activation = Activation.swiglu

    /// What may stand in front of everything of one layer; `{layer}` is its number.
    var layerPrefixes = ["model.layers.{layer}."]
    /// What follows for its mixture-of-experts block.
    var block = "mlp."
    /// The gate `[E, H]`, behind the block.
    var router = "gate.weight"
    /// `[E]`, added to the logits.
    var routerBias: String?
    /// `[E]` or `[1, E]`, added to the scores when experts are selected.
    var selectionBias: String?
    /// Ways in which the experts may be stored; the first of which the tensors exist is taken.
    var experts = [ExpertLayout.projections("experts.{expert}."), .inMemory]
    /// All shared experts in one.
    var shared: ExpertLayout?
    /// `[1, H]`: its sigmoid weighs the shared expert.
    var sharedGate: String?
    var dense: Dense?
    /// `[H]`, added once to the sum of the experts.
    var outputBias: String?
    /// What a checkpoint may leave out, all tensors of it together.
    var optional: Set<Piece> = []
    /// A tensor behind the layer's prefix that marks a layer for multi-token prediction, which is no layer of the model.
    var predictionMarker: String?

    /// Every name that ``named(_:)`` takes for it or for a family of the same model.
    public var names: [String] { [name] + aliases + modelTypes }

    /// Experts per token where the family has one number for all models and config.json has no key for it.
    public var fixedChoices: Int?

    /// The name of its router in the router catalogue.
    public var routerName: String { sharedRouter ?? name }

    /// True when the sigmoid of a projection of the token weighs the shared expert.
    public var hasSharedGate: Bool { sharedGate != nil }

    /// The family of a name: its own, another one that it goes by, or a `model_type` that is no other family's; dashes,
    /// points and underscores are alike.
    ///
    /// - Throws: ``CheckpointError`` that lists all names.
    public static func named(_ name: String) throws(CheckpointError) -> CheckpointFamily {
        let wanted = plain(name)
        if let family = all.first(where: { ([$0.name] + $0.aliases).map(plain).contains(wanted) }) { return family }
        if let family = all.first(where: { $0.modelTypes.map(plain).contains(wanted) }) { return family }
        let known = all.map(\.name).joined(separator: ", ")
        throw CheckpointError(path: "family", message: "\(Quoted.text(name)) is not known; known are \(known)")
    }

    private static func plain(_ name: String) -> String {
        String(name.lowercased().map { $0 == "_" || $0 == "." ? "-" : $0 })
    }

    /// The families that store a `model_type`: none for one that is not known, two where encoder and decoder are apart.
    public static func of(modelType: String) -> [CheckpointFamily] {
        all.filter { $0.modelTypes.contains(modelType) }
    }
}

extension ValueRule where Value == String {
    /// The family of a checkpoint, by its name or what a config.json calls it.
    public static var checkpointFamily: ValueRule {
        let names = CheckpointFamily.all.map(\.name)
        return ValueRule(
            allowed: WordList.alternatives(names),
            form: .text,
            value: { (try? CheckpointFamily.named($0))?.name },
            text: { $0 },
            nearest: { NearestName.of($0, among: names) }
        )
    }
}
