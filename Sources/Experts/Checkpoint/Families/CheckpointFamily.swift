public import Basics
public import MoE
import Tensors

/// The names and layouts in which a model family stores its mixture-of-experts layers: data, not code.
public struct CheckpointFamily: Equatable, Sendable {
    /// The dense network beside the experts, with its norms; names stand behind the prefix of the layer.
    struct Dense: Equatable, Sendable {
        let layout: ExpertLayout
        /// The name of the norm of the dense network's input, if there is one.
        var norm: String?
        /// The name of the norm of the experts' input, if there is one.
        var expertNorm: String?
    }

    /// The prefixes that the layers of a decoder have: on its own, and as the language model of a composite model
    /// (GLM-4.5V and Qwen-VL; Kimi-VL and InternVL; Kimi-K2.5 as transformers saves it; DeepSeek-VL2; the thinker of
    /// Qwen-Omni).
    static let decoderPrefixes = [
        "model.layers.{layer}.", "model.language_model.layers.{layer}.", "language_model.model.layers.{layer}.",
        "language_model.model.blocks.{layer}.", "language.model.layers.{layer}.", "thinker.model.layers.{layer}.",
    ]

    /// The family's name in a configuration, for example `deepseek-v3`: the name of its router, unless another family
    /// has the same router.
    public let name: String
    /// The values of `model_type` in `config.json` for this family.
    public let modelTypes: [String]
    /// Stems of the names of the family's classes in `architectures`: `Mixtral` of `MixtralForCausalLM`. The first tells
    /// the family where there is no `model_type`.
    let classStems: [String]
    /// What holds for keys that `config.json` leaves out; nil where the class is not known.
    public var defaults: ClassDefaults?
    /// Other names by which a configuration can name the family.
    var aliases: [String] = []
    /// The name of the router that the family shares with others, or nil where the router has the family's name.
    var sharedRouter: String?
    /// The factor on the sum of all outputs of a layer (Grok-2: 1/√2).
    public var outputScale = 1.0
    /// The activation between the matrices of an expert.
    public var activation = Activation.swiglu

    /// Prefixes that the names of one layer's tensors may have; `{layer}` is its number.
    var layerPrefixes = decoderPrefixes
    /// The prefix of the mixture-of-experts block, behind that of the layer.
    var block = "mlp."
    /// The name of the gate `[E, H]`, behind the prefix of the block.
    var router = "gate.weight"
    /// The name of the bias `[E]` that is added to the logits.
    var routerBias: String?
    /// The name of the bias `[E]` or `[1, E]` that is added to the scores when experts are selected.
    var selectionBias: String?
    /// Layouts in which the experts may be stored; the first whose tensors exist is taken.
    var experts = [ExpertLayout.projections("experts.{expert}."), .inMemory]
    /// Whether the router ranks identity experts, too: the last ones, which have no down matrix.
    var hasIdentityExperts = false
    /// The layout of the shared experts, stored as one fused expert, or nil when the family has none.
    var shared: ExpertLayout?
    /// The name of the gate `[1, H]` whose sigmoid weighs the shared expert.
    var sharedGate: String?
    var dense: Dense?
    /// The name of the bias `[H]` that is added once to the sum of the experts.
    var outputBias: String?
    /// The parts of a layer that a checkpoint may leave out, each with all of its tensors.
    var optional: Set<Piece> = []
    /// The keys of config.json that say which layers there are and have experts.
    var layerKeys = LayerKeys()
    /// The keys of `config.json` that say whether the class uses an optional part; where there is such a file, it decides,
    /// and not whether the part is there.
    var flags: [Piece: String] = [:]
    /// The name of a tensor, behind the prefix of the layer, that marks a layer for multi-token prediction, which is no
    /// layer of the model.
    var predictionMarker: String?
    /// The starts of the names, behind the prefix of the layer, of networks that stand in the layer and not in its
    /// mixture-of-experts block: what they compute is no part of the block's output.
    var beside: [String] = []

    /// Every name that ``named(_:)`` takes for this family or for another one of the same model.
    public var names: [String] { [name] + aliases + modelTypes }

    /// Experts per token where the family has one number for all models and config.json has no key for it.
    public var fixedChoices: Int?

    /// The name of the family's router in the router catalogue.
    public var routerName: String { sharedRouter ?? name }

    /// True when a bias is added to the scores for the choice of experts.
    public var hasSelectionBias: Bool { selectionBias != nil }

    /// True when the sigmoid of a projection of the token weighs the shared expert.
    public var hasSharedGate: Bool { sharedGate != nil }

    /// The family called `name`: by its own name, by another one that it goes by, or by a `model_type` that is no other
    /// family's; dashes, points and underscores are alike.
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

    /// Whether a model type of this family is one whose language model has a configuration of its own: those of
    /// transformers are called after it, with `_text`.
    func isComposite(_ modelType: String) -> Bool {
        !modelType.hasSuffix("_text") && modelTypes.contains { $0.hasSuffix("_text") }
    }

    /// The families whose `config.json` has this `model_type`: none when it is unknown, two where encoder and decoder
    /// are families of their own.
    public static func of(modelType: String) -> [CheckpointFamily] {
        all.filter { $0.modelTypes.contains(modelType) }
    }
}

extension ValueRule where Value == String {
    /// The rule of an option whose value is the name of a checkpoint family.
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

extension CheckpointFamily {
    /// Every family, one row each. Names and shapes as Hugging Face transformers saves them, versions 4.57 and 5.23
    /// alike, unless stated.
    public static let all: [CheckpointFamily] =
        mixtralLike + qwenLike + deepseekLike + fused + relatives + encoders

    /// Families with Mixtral's names: `w1` gate, `w3` up, `w2` down.
    private static let mixtralLike: [CheckpointFamily] = [
        numbered("mixtral", ["mixtral"], "Mixtral", .mixtral),
        numbered("phimoe", ["phimoe"], "Phimoe", .phimoe),
        numbered("minimax-m2", ["minimax_m2"], "MiniMaxM2", .miniMaxM2, selectionBias: "e_score_correction_bias"),
        // Snowflake Arctic, whose code comes with the checkpoint.
        numbered(
            "arctic",
            ["arctic"],
            "Arctic",
            .arctic,
            dense: Dense(
                layout: .numbered("residual_mlp."),
                norm: "residual_layernorm.weight",
                expertNorm: "post_attention_layernorm.weight"
            )
        ),
        // Grok-2 in the layout that SGLang loads, cut into tensor-parallel parts: names, softcap, GELU and the division by
        // √2 as in its python/sglang/srt/models/grok.py (commit 031ad4c). No checkpoint was opened.
        numbered(
            "grok-2",
            ["git"],
            "Grok1",
            nil,
            activation: .geglu,
            outputScale: 0.5.squareRoot(),
            dense: Dense(layout: .projections("mlp."))
        ),
    ]

    /// Families with the names of Llama's MLP for each expert.
    private static let qwenLike: [CheckpointFamily] = [
        CheckpointFamily(name: "olmoe", modelTypes: ["olmoe"], classStems: ["Olmoe"], defaults: .olmoe),
        CheckpointFamily(name: "qwen3-moe", modelTypes: ["qwen3_moe"], classStems: ["Qwen3Moe"], defaults: .qwen3Moe),
        CheckpointFamily(
            name: "qwen2-moe",
            modelTypes: ["qwen2_moe"],
            classStems: ["Qwen2Moe"],
            defaults: .qwen2Moe,
            shared: .projections("shared_expert."),
            sharedGate: "shared_expert_gate.weight"
        ),
        CheckpointFamily(
            name: "jamba",
            modelTypes: ["jamba"],
            classStems: ["Jamba"],
            defaults: .jamba,
            block: "feed_forward.",
            router: "router.weight"
        ),
    ]

    /// Families with DeepSeek's names and all shared experts in one; later ones store F8_E4M3 with block scales.
    private static let deepseekLike: [CheckpointFamily] = [
        deepseek("deepseek-moe", ["deepseek"], ["Deepseek"], .deepseek, aliases: ["deepseek-moe-16b"]),
        deepseek("deepseek-v2", ["deepseek_v2"], ["DeepseekV2"], .deepseekV2),
        deepseek("deepseek-v3", ["deepseek_v3"], ["DeepseekV3"], .deepseekV3, selectionBias: correctionBias),
        // Its model is DeepSeek-V3's class under another model_type, so that engines can tell it apart (MoonshotAI/Kimi-K2,
        // docs/deploy_guidance.md), and its configuration class a copy of that one's.
        deepseek("kimi-k2", ["kimi_k2"], ["KimiK2", "DeepseekV3"], .deepseekV3, selectionBias: correctionBias),
        deepseek("glm-4.5", ["glm4_moe"], ["Glm4Moe"], .glm4Moe, selectionBias: correctionBias),
        deepseek(
            "ernie-4.5",
            ["ernie4_5_moe"],
            ["Ernie4_5_Moe"],
            .ernie45Moe,
            selectionBias: "moe_statics.e_score_correction_bias",
            optional: [.sharedExpert]
        ),
    ]

    static let correctionBias = "gate.e_score_correction_bias"

    private static func numbered(
        _ name: String,
        _ modelTypes: [String],
        _ classStem: String,
        _ defaults: ClassDefaults?,
        activation: Activation = .swiglu,
        outputScale: Double = 1,
        selectionBias: String? = nil,
        dense: Dense? = nil
    ) -> CheckpointFamily {
        CheckpointFamily(
            name: name,
            modelTypes: modelTypes,
            classStems: [classStem],
            defaults: defaults,
            outputScale: outputScale,
            activation: activation,
            block: "block_sparse_moe.",
            selectionBias: selectionBias,
            experts: [.numbered("experts.{expert}."), .inMemory],
            dense: dense
        )
    }

    static func deepseek(
        _ name: String,
        _ modelTypes: [String],
        _ classStems: [String],
        _ defaults: ClassDefaults,
        aliases: [String] = [],
        router: String? = nil,
        selectionBias: String? = nil,
        optional: Set<Piece> = []
    ) -> CheckpointFamily {
        CheckpointFamily(
            name: name,
            modelTypes: modelTypes,
            classStems: classStems,
            defaults: defaults,
            aliases: aliases,
            sharedRouter: router,
            selectionBias: selectionBias,
            shared: .projections("shared_experts."),
            optional: optional,
            predictionMarker: "eh_proj.weight"
        )
    }
}

extension CheckpointFamily {
    /// Layers of a checkpoint that have a router under one of the family's prefixes, ascending, each with its prefix.
    func layers(of checkpoint: Checkpoint) -> [(number: Int, prefix: String)] {
        for layerPrefix in layerPrefixes {
            let pattern = NamePattern(layerPrefix + block + router, placeholder: NamePattern.layer)
            let prefixes = NamePattern(layerPrefix, placeholder: NamePattern.layer)
            let found = checkpoint.names(withPrefix: pattern.prefix).compactMap { pattern.number(in: $0) }.sorted()
            let layers = found.map { (number: $0, prefix: prefixes.name($0)) }.filter { layer in
                predictionMarker.map { !checkpoint.contains(layer.prefix + $0) } ?? true
            }
            if !layers.isEmpty { return layers }
        }
        return []
    }

    /// The first layout of which all tensors of expert 0 exist, or nil; where several have the same names, the first
    /// that the shapes fit.
    func layout(in checkpoint: Checkpoint, layerPrefix: String) -> ExpertLayout? {
        let found = experts.filter { layout in
            layout.tensorNames.allSatisfy { checkpoint.contains(Self.name(layerPrefix + block + $0, expert: 0)) }
        }
        func shape(_ name: String) -> [Int]? {
            try? checkpoint.tensor(named: Self.name(layerPrefix + block + name, expert: 0)).shape
        }
        guard found.count > 1, let gate = shape(router), gate.count == 2 else { return found.first }
        return found.first { $0.fits(experts: gate[0], hidden: gate[1], shape) } ?? found.first
    }

    /// A tensor that the family needs in this layer and that is not there, or nil.
    func missingTensor(in checkpoint: Checkpoint, layerPrefix: String) -> String? {
        let stored = stored(in: checkpoint, layerPrefix: layerPrefix)
        var needed = stored.fixedNames.map { layerPrefix + $0 }
        if layout(in: checkpoint, layerPrefix: layerPrefix) == nil {
            needed += experts[0].tensorNames.map { Self.name(layerPrefix + block + $0, expert: 0) }
        }
        return needed.first { !checkpoint.contains($0) }
    }

    /// The tensors of a layer that the family does not know and that are no attention or norm, sorted.
    func unknownTensors(in checkpoint: Checkpoint, layerPrefix: String) -> [String] {
        let own = fixedNames + experts.flatMap(\.tensorNames).map { block + $0 }
        let patterns = own.map { NamePattern(layerPrefix + $0, placeholder: NamePattern.expert) }
        func isKnown(_ name: String) -> Bool { patterns.contains { $0.matches(name) } }
        func isPassedOver(_ name: Substring) -> Bool {
            PassedOver.covers(name) || beside.contains { name.hasPrefix($0) }
        }
        return checkpoint.names(withPrefix: layerPrefix).filter { name in
            !isPassedOver(name.dropFirst(layerPrefix.count)) && !isKnown(name)
                && !(ScaleNames.owner(of: name).map(isKnown) ?? false)
        }
    }

    /// Numbers of the layers of a checkpoint that have a router of this family, ascending.
    public func layerNumbers(in checkpoint: Checkpoint) -> [Int] {
        layers(of: checkpoint).map(\.number)
    }

    /// True when the first layer of a checkpoint has all tensors that the family needs, and no others but attention and
    /// norms.
    public func fits(_ checkpoint: Checkpoint) -> Bool {
        guard let layer = layers(of: checkpoint).first else { return false }
        return missingTensor(in: checkpoint, layerPrefix: layer.prefix) == nil
            && unknownTensors(in: checkpoint, layerPrefix: layer.prefix).isEmpty
    }

    /// A phrase for errors that names all families that fit a checkpoint, or says that none fits.
    static func fitting(_ checkpoint: Checkpoint) -> String {
        let names = all.filter { $0.fits(checkpoint) }.map(\.name)
        return names.isEmpty ? "no known family fits" : "what fits is \(names.joined(separator: ", "))"
    }

    /// The name of a tensor, with an expert's number in place of `{expert}`.
    static func name(_ name: String, expert: Int) -> String {
        NamePattern(name, placeholder: NamePattern.expert).name(expert)
    }

    /// Names, behind the layer's prefix, of the tensors that every layer has once.
    private var fixedNames: [String] {
        let inBlock = [router, routerBias, selectionBias, sharedGate, outputBias].compactMap { $0 }
        let inLayer = [dense?.norm, dense?.expertNorm].compactMap { $0 } + (dense?.layout.tensorNames ?? [])
        return (inBlock + (shared?.tensorNames ?? [])).map { block + $0 } + inLayer
    }
}

extension CheckpointFamily {
    /// Families that store all experts of a layer in a few tensors.
    static let fused: [CheckpointFamily] = [
        CheckpointFamily(
            name: "dbrx",
            modelTypes: ["dbrx"],
            classStems: ["Dbrx"],
            defaults: .dbrx,
            layerPrefixes: ["transformer.blocks.{layer}."],
            block: "ffn.",
            router: "router.layer.weight",
            experts: [.dbrx]
        ),
        CheckpointFamily(
            name: "gpt-oss",
            modelTypes: ["gpt_oss"],
            classStems: ["GptOss"],
            defaults: .gptOss,
            activation: .clampedSwiglu,
            router: "router.weight",
            routerBias: "router.bias",
            experts: [.gptOss(isMXFP4: false), .gptOss(isMXFP4: true)]
        ),
        CheckpointFamily(
            name: "llama-4",
            modelTypes: ["llama4", "llama4_text"],
            classStems: ["Llama4"],
            defaults: .llama4,
            layerPrefixes: ["language_model.model.layers.{layer}.", "model.layers.{layer}."],
            block: "feed_forward.",
            router: "router.weight",
            experts: [.llama4],
            shared: .projections("shared_expert.")
        ),
        CheckpointFamily(
            name: "granite",
            modelTypes: ["granitemoe"],
            classStems: ["GraniteMoe"],
            defaults: .graniteMoe,
            block: "block_sparse_moe.",
            router: "router.layer.weight",
            experts: [
                .stacks(gateUp: "input_linear.weight", down: "output_linear.weight"),
                .projections("experts.{expert}."),
            ]
        ),
        CheckpointFamily(
            name: "jetmoe",
            modelTypes: ["jetmoe"],
            classStems: ["JetMoe"],
            defaults: .jetMoe,
            router: "router.layer.weight",
            experts: [.stacks(gateUp: "input_linear.weight", down: "output_linear.weight")],
            outputBias: "bias"
        ),
    ]

    /// Families of encoder-decoder models, one for the encoder and one for the decoder, which count their layers apart.
    static let encoders: [CheckpointFamily] = [
        switchTransformer("switch-transformers", "encoder", block: "layer.1.mlp.", "num_layers"),
        switchTransformer("switch-transformers-decoder", "decoder", block: "layer.2.mlp.", "num_decoder_layers"),
        nllb("nllb", "encoder"),
        nllb("nllb-decoder", "decoder"),
    ]

    private static func switchTransformer(_ name: String, _ half: String, block: String, _ count: String)
        -> CheckpointFamily
    {
        CheckpointFamily(
            name: name,
            modelTypes: ["switch_transformers"],
            classStems: ["SwitchTransformers"],
            defaults: .switchTransformers,
            sharedRouter: "switch-transformers",
            activation: .relu,
            layerPrefixes: ["\(half).block.{layer}."],
            block: block,
            router: "router.classifier.weight",
            routerBias: "router.classifier.bias",
            experts: [.separate("experts.expert_{expert}.", gate: nil, up: "wi", down: "wo")],
            optional: [.routerBias],
            layerKeys: .step([count], .everySecondOfN, "\(half)_sparse_step"),
            flags: [.routerBias: "router_bias"],
            fixedChoices: 1
        )
    }

    private static func nllb(_ name: String, _ half: String) -> CheckpointFamily {
        CheckpointFamily(
            name: name,
            modelTypes: ["nllb-moe"],
            classStems: ["NllbMoe"],
            defaults: .nllbMoe,
            aliases: [name.replacing("nllb", with: "nllb-moe")],
            sharedRouter: "nllb",
            activation: .relu,
            layerPrefixes: ["model.\(half).layers.{layer}."],
            block: "ffn.",
            router: "router.classifier.weight",
            routerBias: "router.classifier.bias",
            experts: [.nllb],
            optional: [.routerBias],
            layerKeys: .step(["\(half)_layers"], .everyNth, "\(half)_sparse_step"),
            flags: [.routerBias: "router_bias"],
            fixedChoices: 2
        )
    }
}

extension CheckpointFamily {
    /// The prefix of the names of one layer's tensors.
    ///
    /// - Throws: ``CheckpointError`` when the checkpoint has no layer of this family, or not this one.
    func prefix(ofLayer layer: Int, in checkpoint: Checkpoint) throws(CheckpointError) -> String {
        let layers = layers(of: checkpoint)
        if let found = layers.first(where: { $0.number == layer }) { return found.prefix }
        guard layers.isEmpty else {
            let there = rangeList(layers.map(\.number))
            let prefixes = layerPrefixes.map { NamePattern($0, placeholder: NamePattern.layer).name(layer) }
            let predicts = predictionMarker.map { marker in prefixes.contains { checkpoint.contains($0 + marker) } }
            let what = predicts == true ? "; that one is for multi-token prediction, which is not read" : ""
            let message = "has no mixture-of-experts layer \(layer) of family \(name); its layers are \(there)\(what)"
            throw CheckpointError(path: checkpoint.path, message: message)
        }
        let wanted = Quoted.text(layerPrefixes[0] + block + router)
        throw misfit(checkpoint, "there is no \(wanted) of any layer")
    }

    /// The layout of a layer's experts, after a check that no tensor of the layer is missing or unknown.
    ///
    /// - Throws: ``CheckpointError`` when something is missing or nothing of this family has a place for something.
    func checkedLayout(in checkpoint: Checkpoint, layerPrefix: String) throws(CheckpointError) -> ExpertLayout {
        if let missing = missingTensor(in: checkpoint, layerPrefix: layerPrefix) {
            // Where only another family fits, the family is wrong; else the checkpoint, or this layer, is not complete.
            let isWrong = Self.all.contains { $0.fits(checkpoint) } && !fits(checkpoint)
            guard isWrong else { throw checkpoint.missing(missing) }
            throw misfit(checkpoint, "there is no \(Quoted.text(missing))")
        }
        let unknown = unknownTensors(in: checkpoint, layerPrefix: layerPrefix)
        guard unknown.isEmpty else {
            throw misfit(checkpoint, "it has no place for \(Quoted.list(unknown))")
        }
        guard let layout = layout(in: checkpoint, layerPrefix: layerPrefix) else {
            throw misfit(checkpoint, "there are no experts")
        }
        return layout
    }

    private func misfit(_ checkpoint: Checkpoint, _ reason: String) -> CheckpointError {
        let message = "does not fit family \(name): \(reason); \(Self.fitting(checkpoint))"
        return CheckpointError(path: checkpoint.path, message: message)
    }
}
