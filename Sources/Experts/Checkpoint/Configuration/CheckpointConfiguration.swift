public import Basics
public import Foundation
public import MoE

/// The mixture-of-experts settings of a checkpoint's `config.json`; nil for each setting that neither the file nor the
/// model's configuration class gives.
///
/// Families name one thing differently; each property lists the keys that it is read from, the first that is there
/// counts.
public struct CheckpointConfiguration: Equatable, Sendable {
    /// The model family: `model_type`.
    public var modelType: String?
    /// Width of a token: `hidden_size`, `d_model`.
    public var hidden: Int?
    /// Inner width of a routed expert: `expert_ffn_hidden_size`, `moe_intermediate_size`, `ffn_hidden_size`, `d_ff`,
    /// `intermediate_size`; of those that the model's class has, only the first.
    public var expertFFN: Int?
    /// The layers, and those with experts among them, by the keys of the family's ``LayerKeys``.
    private(set) var expertLayers = ExpertLayers.unsaid
    /// The activation of the experts: `hidden_act`, `activation_function`, `dense_act_fn`, `ffn_act_fn`.
    public var activation: String?
    /// The limit to which gpt-oss clamps the results of its gate and up matrices: `swiglu_limit`.
    public var swigluLimit: Double?
    /// Steepness of gpt-oss's sigmoid: `swiglu_alpha`.
    public var swigluAlpha: Double?

    /// Routed experts: `n_routed_experts`, `num_local_experts`, `num_experts`, `moe_num_experts`.
    public var experts: Int?
    /// Experts without weights that return their input, behind the others: `zero_expert_num` (LongCat-Flash).
    public var identityExperts: Int?
    /// What they return: `zero_expert_type`, `identity`.
    public var identityType: String?
    /// Shared experts: `n_shared_experts`, `moe_num_shared_experts`, `num_shared_experts`.
    public var sharedExperts: Int?
    /// Inner width of the shared expert: `shared_expert_intermediate_size`, `shared_intermediate_size`.
    public var sharedFFN: Int?

    /// The router options that the file sets, by the keys in `RouterOptions/rows`. Not all families follow all of them.
    public var options = RouterOptions()
    /// The function from logits to scores, `softmax` or `sigmoid`: `scoring_func`, `score_func` (AFMoE),
    /// `score_function` (Ling), `moe_router_activation_func` (Kimi-Linear).
    public var scoreFunction: String?
    /// The key that gave ``scoreFunction``.
    public private(set) var scoreKey = scoreKeys[0]
    /// Whether a bias moves the choice of experts: `use_routing_bias` (MiniMax), `moe_router_enable_expert_bias` (Ling).
    public var usesSelectionBias: Bool?
    /// The method of choosing k experts: `topk_method`, `greedy`, `group_limited_greedy` or `noaux_tc`.
    public var topKMethod: String?

    /// Half-width of the noise that multiplies the layer's input in training: `input_jitter_noise`.
    public var inputJitter: Double?
    /// The capacity of an expert, in copies: `expert_capacity`.
    public var expertCapacity: Int?
    /// Whether tokens beyond the capacity are dropped: `moe_token_dropping` (Arctic).
    public var dropsTokens: Bool?
    /// Capacity factor in training: `moe_train_capacity_factor` (Arctic).
    public var trainCapacityFactor: Double?
    /// Capacity factor in evaluation: `moe_eval_capacity_factor` (Arctic).
    public var evalCapacityFactor: Double?
    /// Lower limit of the capacity, in copies: `moe_min_capacity` (Arctic).
    public var minimumCapacity: Int?
    /// Capacity in evaluation as a fraction of the tokens, none when negative: `moe_eval_capacity_token_fraction`.
    public var evalCapacityFraction: Double?
    /// The policy for second experts: `second_expert_policy`.
    public var secondExpertPolicy: String?
    /// Whether weights are renormalised before tokens are dropped: `normalize_router_prob_before_dropping`.
    public var normalizesBeforeDrop: Bool?
    /// Whether tokens get places in the order of their probability: `batch_prioritized_routing`.
    public var isBatchPrioritized: Bool?
    /// Share of expert outputs dropped out in training, by which evaluation scales them down: `moe_token_dropout`.
    public var tokenDropout: Double?

    /// The router's keys that the file has and the configuration class has not, with their values.
    public private(set) var unread: [String: JSONValue] = [:]
    /// A sentence on keys of the model that stand outside of its language model; nil where there are none.
    private var besideNote: String?
    /// The router's keys that the file leaves out, with the values of the configuration class as text.
    private(set) var assumed: [String: String] = [:]
    /// The class whose values hold for keys that the file leaves out; nil where its defaults are not known.
    public private(set) var className: String?
    /// Experts, width of a token and inner width of an expert in a model of the class's defaults.
    private var classSizes: [Int?] = []

    /// Read the `config.json` beside a checkpoint.
    ///
    /// - Parameters:
    ///   - checkpoint: the path of a file, folder or index, as ``Checkpoint`` takes it.
    ///   - family: the family whose defaults hold for what the file leaves out; that of its `model_type` when nil.
    /// - Returns: nil when there is no `config.json`.
    /// - Throws: ``CheckpointError`` when it cannot be read, or a value is not of the kind that its key needs.
    public static func beside(
        _ checkpoint: String,
        of family: CheckpointFamily? = nil
    ) throws(CheckpointError) -> CheckpointConfiguration? {
        guard let (json, path) = try JSONFile.beside(checkpoint, named: JSONFile.configurationName) else { return nil }
        return try CheckpointConfiguration(json: json, path: path, of: family)
    }
}

extension CheckpointConfiguration {
    /// Check that the configuration and the tensors of a layer speak of the same model.
    ///
    /// - Throws: ``CheckpointError`` that says what differs: experts, hidden, the experts' inner width, or their
    ///   activation.
    public func check(against layer: CheckpointLayer) throws(CheckpointError) {
        try compare(experts, layer.experts, "experts", layer)
        try checkIdentityExperts(layer)
        try compare(hidden, layer.hidden, "hidden values per token", layer)
        try compare(expertFFN, layer.expertShape.ffn, "inner values per expert", layer)
        try checkSharedExperts(layer)
        try compare(sharedFFN, layer.sharedShape?.ffn, "inner values of the shared expert", layer)
        try checkActivation(layer)
    }

    private func checkIdentityExperts(_ layer: CheckpointLayer) throws(CheckpointError) {
        guard layer.family.hasIdentityExperts else { return }
        try compare(identityExperts, layer.identityExperts, "identity experts", layer)
        if let identityType, identityType != "identity" {
            let message =
                "config.json says zero_expert_type \(Quoted.text(identityType)); family \(layer.family.name) is "
            throw failure(layer, message + "computed with \"identity\"")
        }
    }

    private func checkSharedExperts(_ layer: CheckpointLayer) throws(CheckpointError) {
        if let sharedFFN, layer.family.optional.contains(.sharedExpert), (sharedFFN > 0) != (layer.sharedShape != nil) {
            let found = layer.sharedShape == nil ? "has none" : "has one"
            throw failure(
                layer,
                "config.json says a shared expert of \(sharedFFN) inner values; layer \(layer.layer) \(found)"
            )
        }
        guard let sharedExperts else { return }
        guard (sharedExperts > 0) == (layer.sharedShape != nil) else {
            let found = layer.sharedShape == nil ? "has none" : "has some"
            throw failure(layer, "config.json says \(sharedExperts) shared experts; layer \(layer.layer) \(found)")
        }
        // Shared experts are stored as one, which is as wide as all of them.
        let (width, overflow) = sharedExperts.multipliedReportingOverflow(by: expertFFN ?? 0)
        guard sharedFFN == nil, expertFFN != nil, !overflow else { return }
        try compare(width, layer.sharedShape?.ffn, "inner values of \(sharedExperts) shared experts", layer)
    }

    private func compare(
        _ said: Int?,
        _ found: Int?,
        _ what: String,
        _ layer: CheckpointLayer
    ) throws(CheckpointError) {
        guard let said, let found, said != found else { return }
        throw failure(layer, "config.json says \(said) \(what); the tensors of layer \(layer.layer) have \(found)")
    }

    private func checkActivation(_ layer: CheckpointLayer) throws(CheckpointError) {
        let family = layer.family
        let allowed = Self.names(of: family.activation)
        if let activation, !allowed.contains(activation) {
            let expected = "family \(family.name) is computed with \(allowed.joined(separator: " or "))"
            throw failure(layer, "config.json says activation \(Quoted.text(activation)); \(expected)")
        }
    }

    /// The numbers of a clamped activation: those of gpt-oss where the file and its class have none.
    public var clamp: GateClamp {
        let usual = GateClamp()
        return GateClamp(limit: swigluLimit ?? usual.limit, alpha: swigluAlpha ?? usual.alpha)
    }

    /// The names of an activation in configurations.
    private static func names(of activation: Activation) -> [String] {
        switch activation {
        case .swiglu, .clampedSwiglu: ["silu", "swish"]
        case .geglu, .gelu: ["gelu", "gelu_new", "gelu_tanh", "gelu_pytorch_tanh"]
        case .relu: ["relu"]
        }
    }

    private func failure(_ layer: CheckpointLayer, _ message: String) -> CheckpointError {
        CheckpointError(path: layer.path, message: message)
    }
}

extension CheckpointConfiguration {
    /// Read the JSON of a `config.json`; keys that are not known are left alone.
    ///
    /// - Parameters:
    ///   - json: the text.
    ///   - path: the file's name in errors.
    ///   - family: the family whose defaults hold for what the file leaves out; that of its `model_type` when nil.
    /// - Throws: ``CheckpointError`` when it is not a JSON object, a value is not of the kind that its key needs, or
    ///   more experts or groups are chosen than there are.
    public init(json: Data, path: String, of family: CheckpointFamily? = nil) throws(CheckpointError) {
        let value: JSONValue = try JSONFile.decode(json, path: path)
        let named = try ModelIdentity(value, path: path).families.first
        let defaults = (family ?? named)?.defaults
        var reader = try ConfigurationReader(languageModel: value, path: path, defaults: defaults)
        expertLayers = try ExpertLayers(reader, (family ?? named)?.layerKeys ?? LayerKeys())
        try readShape(&reader)
        let shapeKeys = reader.assumed.count
        try readRouting(&reader)
        for key in (family ?? named)?.flags.values.sorted() ?? [] { _ = try reader.flag(key) }
        try readCapacity(&reader)
        try checkCounts(path, assumed: Set(reader.assumed.map(\.key)))
        for (key, value) in reader.assumed.dropFirst(shapeKeys) { assumed[key] = value.shown }
        className = defaults?.className
        (unread, besideNote) = (reader.unread, reader.besideNote)
        if !reader.knows("topk_method") { unread["topk_method"] = reader.value("topk_method") }
        classSizes = [Self.expertKeys, Self.hiddenKeys, Self.widthKeys, Self.identityKeys].map { keys in
            keys.lazy.compactMap { defaults?.integer($0) }.first
        }
    }

    private static let scoreKeys = ["scoring_func", "score_func", "score_function", "moe_router_activation_func"]
    private static let expertKeys = ["n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts"]
    private static let sharedKeys = ["n_shared_experts", "moe_num_shared_experts", "num_shared_experts"]
    private static let hiddenKeys = ["hidden_size", "d_model"]
    private static let identityKeys = ["zero_expert_num"]
    private static let widthKeys = [
        "expert_ffn_hidden_size", "moe_intermediate_size", "ffn_hidden_size", "d_ff", "intermediate_size",
    ]

    /// What the file leaves out and what was taken in its place, a sentence each.
    ///
    /// - Parameter given: the options of the router that settings give, by their keys, whatever the file says.
    public func notes(on layer: CheckpointLayer, given: Set<String>) -> [String] {
        let beside = besideNote.map { [$0] } ?? []
        guard let className else { return beside }
        let keys = RouterOptions.rows.filter { given.contains($0.option.key) }.flatMap(\.checkpointKeys)
        let taken = assumed.filter { !keys.contains($0.key) }.map { "\($0.key) \($0.value)" }.sorted()
        let router =
            taken.isEmpty
            ? [] : ["config.json leaves out keys of the router; \(className) has them as \(WordList.all(taken))"]
        let found = [
            ("experts", experts, layer.experts), ("hidden values per token", hidden, layer.hidden),
            ("inner values per expert", expertFFN, layer.expertShape.ffn),
            ("identity experts", identityExperts, layer.identityExperts),
        ]
        return beside + router
            + zip(found, classSizes).compactMap { size, value in
                let (what, said, stored) = size
                guard said == nil, let value, value != stored else { return nil }
                return
                    "config.json leaves out the number of \(what): the tensors have \(stored), \(className) has \(value)"
            }
    }

    private mutating func readShape(_ reader: inout ConfigurationReader) throws(CheckpointError) {
        let positive = Double.leastNormalMagnitude...Double.greatestFiniteMagnitude
        modelType = try reader.string("model_type")
        hidden = try reader.size(Self.hiddenKeys)
        // The others are widths of dense layers where the class has one of experts.
        expertFFN = try reader.size(reader.onlyFirst(known: Self.widthKeys))
        activation = try reader.string("hidden_act", "activation_function", "dense_act_fn", "ffn_act_fn")
        swigluLimit = try reader.number("swiglu_limit", in: positive)
        swigluAlpha = try reader.number("swiglu_alpha", in: positive)
        for keys in [Self.hiddenKeys, Self.expertKeys, Self.sharedKeys] { try reader.checkAgree(keys) }
        experts = try reader.size(Self.expertKeys)
        if Self.identityKeys.allSatisfy(reader.knows) {
            identityExperts = reader.isNull(Self.identityKeys[0]) ? 0 : try reader.size(Self.identityKeys, minimum: 0)
            identityType = try reader.string("zero_expert_type")
        }
        sharedExperts = try reader.size(Self.sharedKeys, minimum: 0)
        sharedFFN = try reader.size(["shared_expert_intermediate_size", "shared_intermediate_size"], minimum: 0)
    }

    private mutating func readRouting(_ reader: inout ConfigurationReader) throws(CheckpointError) {
        for row in RouterOptions.rows { try reader.read(row, &options) }
        for key in Self.scoreKeys where scoreFunction == nil {
            scoreFunction = try reader.string(key)
            scoreKey = scoreFunction == nil ? scoreKey : key
        }
        usesSelectionBias = try reader.flag("use_routing_bias", "moe_router_enable_expert_bias")
        if reader.knows("topk_method") { topKMethod = try reader.string("topk_method") }
        inputJitter = try reader.number("input_jitter_noise", in: 0...1)
    }

    private mutating func readCapacity(_ reader: inout ConfigurationReader) throws(CheckpointError) {
        expertCapacity = try reader.integer("expert_capacity")
        dropsTokens = try reader.flag("moe_token_dropping")
        trainCapacityFactor = try reader.number("moe_train_capacity_factor")
        evalCapacityFactor = try reader.number("moe_eval_capacity_factor")
        minimumCapacity = try reader.integer("moe_min_capacity", minimum: 0)
        evalCapacityFraction = try reader.number("moe_eval_capacity_token_fraction", in: -1...1)
        secondExpertPolicy = try reader.string("second_expert_policy")
        normalizesBeforeDrop = try reader.flag("normalize_router_prob_before_dropping")
        isBatchPrioritized = try reader.flag("batch_prioritized_routing")
        tokenDropout = try reader.number("moe_token_dropout", in: 0...1)
    }

    /// Check counts that the file gives; those of a class are checked with all settings, which may override them.
    private func checkCounts(_ path: String, assumed: Set<String>) throws(CheckpointError) {
        func given(_ count: Int?, _ option: String) -> Int? {
            let keys = RouterOptions.rows.first { $0.option.key == option }?.checkpointKeys ?? []
            return assumed.isDisjoint(with: keys) ? count : nil
        }
        if let experts, let topK = given(options.topK, "top_k"), topK > experts + (identityExperts ?? 0) {
            let message = "chooses \(topK) experts per token; there are \(experts + (identityExperts ?? 0))"
            throw CheckpointError(path: path, message: message)
        }
        let groups = given(options.groups, "groups")
        if let groups, let kept = given(options.groupsKept, "groups_kept"), kept > groups {
            let message = "lets a token use \(kept) groups; there are \(groups)"
            throw CheckpointError(path: path, message: message)
        }
        if let experts, let groups, experts % groups != 0 {
            let message = "has \(experts) experts in \(groups) groups, which cannot be equal"
            throw CheckpointError(path: path, message: message)
        }
    }
}
