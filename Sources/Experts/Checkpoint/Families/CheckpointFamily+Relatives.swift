/// Families that have the router of another one; their names and layouts differ in parts.
///
/// Sources: the modeling files of transformers 5.24, and the names that `save_pretrained` gives, which are those on the
/// hub.
extension CheckpointFamily {
    static let relatives = ofSoftmax + ofIdentity + ofGranite + ofDeepseek + ofSigmoid

    /// Families with the softmax of Qwen3-MoE, Mixtral or OLMoE.
    private static let ofSoftmax: [CheckpointFamily] = [
        qwen("qwen3-next", ["qwen3_next"], "Qwen3Next", .qwen3Next),
        qwen("qwen3.5-moe", ["qwen3_5_moe", "qwen3_5_moe_text"], "Qwen3_5Moe", .qwen35Moe),
        // On the hub, stacks are stored `[in, out]`; transformers 5 saves them as it has them in memory.
        CheckpointFamily(
            name: "qwen3-vl-moe",
            modelTypes: ["qwen3_vl_moe", "qwen3_vl_moe_text"],
            classStems: ["Qwen3VLMoe"],
            defaults: .qwen3VLMoe,
            sharedRouter: "qwen3-moe",
            experts: [.llama4, .inMemory]
        ),
        // The thinker, which is the language model; the talker, which speaks, is not read.
        CheckpointFamily(
            name: "qwen3-omni-moe",
            modelTypes: ["qwen3_omni_moe", "qwen3_omni_moe_thinker", "qwen3_omni_moe_text"],
            classStems: ["Qwen3OmniMoe", "Qwen3OmniMoeThinker"],
            defaults: .qwen3OmniMoe,
            sharedRouter: "qwen3-moe"
        ),
        CheckpointFamily(
            name: "mellum",
            modelTypes: ["mellum"],
            classStems: ["Mellum"],
            defaults: .mellum,
            sharedRouter: "qwen3-moe"
        ),
        CheckpointFamily(
            name: "flex-olmo",
            modelTypes: ["flex_olmo"],
            classStems: ["FlexOlmo"],
            defaults: .flexOlmo,
            sharedRouter: "olmoe"
        ),
        CheckpointFamily(
            name: "minimax-01",
            modelTypes: ["minimax"],
            classStems: ["MiniMax"],
            defaults: .miniMax,
            sharedRouter: "mixtral",
            block: "block_sparse_moe.",
            experts: [.numbered("experts.{expert}."), .inMemory]
        ),
        CheckpointFamily(
            name: "hunyuan-moe",
            modelTypes: ["hunyuan_v1_moe"],
            classStems: ["HunYuanMoEV1"],
            defaults: .hunYuanMoEV1,
            sharedRouter: "mixtral",
            router: "gate.wg.weight",
            shared: .projections("shared_mlp.")
        ),
    ]

    private static func qwen(
        _ name: String,
        _ modelTypes: [String],
        _ classStem: String,
        _ defaults: ClassDefaults
    ) -> CheckpointFamily {
        CheckpointFamily(
            name: name,
            modelTypes: modelTypes,
            classStems: [classStem],
            defaults: defaults,
            sharedRouter: "qwen3-moe",
            shared: .projections("shared_expert."),
            sharedGate: "shared_expert_gate.weight"
        )
    }

    /// Families with identity experts.
    private static let ofIdentity: [CheckpointFamily] = [
        // A layer has two attentions and two dense networks, `mlps`, beside which the experts run: their output joins the
        // stream behind the second one. transformers 5 saves gate and up matrices for identity experts, which nothing reads.
        CheckpointFamily(
            name: "longcat-flash",
            modelTypes: ["longcat_flash"],
            classStems: ["LongcatFlash"],
            defaults: .longcatFlash,
            router: "router.classifier.weight",
            selectionBias: "router.e_score_correction_bias",
            experts: [.projections("experts.{expert}.")],
            hasIdentityExperts: true,
            // num_hidden_layers is twice as many: there are two attentions and dense networks in a layer.
            layerKeys: LayerKeys(counts: ["num_layers"]),
            beside: ["mlps."]
        )
    ]

    /// Granite with a shared network beside the block, so that all names begin at the layer.
    private static let ofGranite: [CheckpointFamily] = [
        granite("granite-shared", "granitemoeshared", "GraniteMoeShared", .graniteMoeShared, optional: [.sharedExpert]),
        granite("granite-hybrid", "granitemoehybrid", "GraniteMoeHybrid", .graniteMoeHybrid),
        // It has the names that transformers has in memory.
        granite("granite-swa", "granitemoe_swa", "GraniteMoeSWA", .graniteMoeSWA, optional: [.sharedExpert]) {
            $0.router = "block_sparse_moe.router.weight"
            $0.experts = [
                .stacks(gateUp: "block_sparse_moe.experts.gate_up_proj", down: "block_sparse_moe.experts.down_proj")
            ]
        },
    ]

    private static func granite(
        _ name: String,
        _ modelType: String,
        _ classStem: String,
        _ defaults: ClassDefaults,
        optional: Set<Piece> = [],
        _ change: (inout CheckpointFamily) -> Void = { _ in }
    ) -> CheckpointFamily {
        let block = "block_sparse_moe."
        var family = CheckpointFamily(
            name: name,
            modelTypes: [modelType],
            classStems: [classStem],
            defaults: defaults,
            sharedRouter: "granite",
            block: "",
            router: block + "router.layer.weight",
            experts: [.stacks(gateUp: block + "input_linear.weight", down: block + "output_linear.weight")],
            shared: .halves(gateUp: "shared_mlp.input_linear.weight", down: "shared_mlp.output_linear.weight"),
            optional: optional
        )
        change(&family)
        return family
    }

    /// Families with DeepSeek-V3's names.
    private static let ofDeepseek: [CheckpointFamily] = [
        deepseek(
            "deepseek-v3.2",
            ["deepseek_v32"],
            ["DeepseekV32"],
            .deepseekV32,
            aliases: ["deepseek-v32"],
            router: "deepseek-v3",
            selectionBias: correctionBias
        ),
        sigmoid("sarvam-mla", ["sarvam_mla"], ["SarvamMLA", "DeepseekV3"], .sarvamMLA),
        sigmoid("dots1", ["dots1"], ["Dots1"], .dots1),
        sigmoid("glm-4.5v", ["glm4v_moe", "glm4v_moe_text"], ["Glm4vMoe"], .glm4vMoe),
        sigmoid("glm-4.7-flash", ["glm4_moe_lite"], ["Glm4MoeLite"], .glm4MoeLite),
        sigmoid("glm-5", ["glm_moe_dsa"], ["GlmMoeDsa"], .glmMoeDsa),
        sigmoid("solar-open", ["solar_open"], ["SolarOpen"], .solarOpen),
        sigmoid("mimo-v2-flash", ["mimo_v2_flash"], ["MiMoV2Flash"], .miMoV2Flash) { $0.shared = nil },
    ]

    /// Families with DeepSeek-V3's router under other names.
    private static let ofSigmoid: [CheckpointFamily] = [
        sigmoid("exaone-moe", ["exaone_moe"], ["ExaoneMoe"], .exaoneMoe) {
            $0.selectionBias = "e_score_correction_bias"
        },
        sigmoid("sarvam-moe", ["sarvam_moe"], ["SarvamMoE", "Glm4Moe"], .sarvamMoE) { $0.selectionBias = gateBias },
        // Ling 2.5; `bailing_moe` and `bailing_moe_v2` come with code of their own.
        sigmoid("ling-hybrid", ["bailing_hybrid"], ["BailingHybrid"], .bailingHybrid) {
            $0.sharedRouter = "deepseek-v3"
            $0.selectionBias = gateBias
        },
        sigmoid("kimi-linear", ["kimi_linear"], ["KimiLinear"], .kimiLinear) {
            $0.block = "block_sparse_moe."
            $0.experts = [.numbered("experts.{expert}."), .inMemory]
        },
        sigmoid("afmoe", ["afmoe"], ["Afmoe"], .afmoe) {
            $0.router = "router.gate.weight"
            $0.selectionBias = "expert_bias"
        },
        sigmoid("hunyuan-v3", ["hy_v3"], ["HYV3"], .hyV3) {
            $0.router = "router.gate.weight"
            $0.selectionBias = "expert_bias"
            $0.shared = .projections("shared_mlp.")
        },
        CheckpointFamily(
            name: "lfm2-moe",
            modelTypes: ["lfm2_moe"],
            classStems: ["Lfm2Moe"],
            defaults: .lfm2Moe,
            block: "feed_forward.",
            selectionBias: "expert_bias",
            experts: [.numbered("experts.{expert}."), .inMemory],
            optional: [.selectionBias],
            flags: [.selectionBias: "use_expert_bias"]
        ),
    ]

    private static let gateBias = "gate.expert_bias"

    /// A family with GLM-4.5's router: sigmoid, a bias for the selection, and groups where the class has them.
    private static func sigmoid(
        _ name: String,
        _ modelTypes: [String],
        _ classStems: [String],
        _ defaults: ClassDefaults,
        _ change: (inout CheckpointFamily) -> Void = { _ in }
    ) -> CheckpointFamily {
        var family = deepseek(name, modelTypes, classStems, defaults, router: "glm-4.5", selectionBias: correctionBias)
        change(&family)
        return family
    }
}
