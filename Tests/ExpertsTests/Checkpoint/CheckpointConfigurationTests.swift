import Basics
import Experts
import Foundation
import MoE
import TestSupport
import Testing

/// What a `config.json` says, and what is said about one that is wrong.
@Suite("config.json") struct CheckpointConfigurationTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func read(_ json: String) throws -> CheckpointConfiguration {
        try CheckpointConfiguration(json: Data(json.utf8), path: "config.json")
    }

    private func oracle(_ name: String) throws -> CheckpointConfiguration {
        try OracleCase.fixture(name).checkpointConfiguration()
    }

    @Test func optionsOfDeepSeek() throws {
        let found = try oracle("deepseek_v3")
        #expect(found.modelType == "deepseek_v3")
        #expect(found.experts == 8 && found.options.topK == 3 && found.sharedExperts == 1)
        #expect(found.options.normalize == true && found.options.scale == 2.5)
        #expect(found.options.groups == 4 && found.options.groupsKept == 2)
        #expect(found.expertFFN == 24 && found.hidden == 32 && found.activation == "silu")
        #expect(try oracle("deepseek_v2").topKMethod == "group_limited_greedy")
    }

    @Test func optionsOfOthers() throws {
        let dbrx = try oracle("dbrx")
        #expect(dbrx.options.normalizePower == 1 && dbrx.options.auxLoss == 0.05 && dbrx.activation == "silu")
        #expect(dbrx.modelType == "dbrx" && dbrx.options.topK == 4 && dbrx.options.jitter == nil)
        let oss = try oracle("gpt_oss")
        #expect(oss.swigluLimit == 7 && oss.swigluAlpha == 1.702)
        let nllb = try oracle("nllb_moe_drop")
        #expect(nllb.expertCapacity == 5 && nllb.isBatchPrioritized == true && nllb.normalizesBeforeDrop == true)
        #expect(nllb.secondExpertPolicy == "all" && nllb.evalCapacityFraction == -1 && nllb.options.zLoss == 0.001)
        #expect(try oracle("nllb_moe").tokenDropout == 0.2)
        #expect(try oracle("phimoe").inputJitter == 0 && oracle("phimoe").options.jitter == 0.01)
        #expect(try oracle("ernie4_5_moe").options.normalizeFloor == 1e-12)
        #expect(try oracle("qwen2_moe").sharedFFN == 40)
        #expect(try oracle("switch_transformers").expertCapacity == 2)
        let arctic = try read(#"{"moe_train_capacity_factor": 1, "moe_min_capacity": 0, "moe_token_dropping": true}"#)
        #expect(arctic.trainCapacityFactor == 1 && arctic.minimumCapacity == 0 && arctic.dropsTokens == true)
    }

    @Test func nestedAndForeignKeys() throws {
        let llama = #"{"model_type": "llama4", "text_config": {"num_local_experts": 16, "model_type": "x"}, "y": [1]}"#
        let found = try read(llama)
        #expect(found.modelType == "x" && found.experts == 16)
        // Python writes these two.
        #expect(try read(#"{"a": NaN, "b": [0.0, Infinity], "hidden_size": 8}"#).hidden == 8)
        #expect(try read(#"{"a": "NaN \" Infinity", "b": -Infinity, "hidden_size": 8}"#).hidden == 8)
        #expect(try read(#"{"num_experts": [8, 8], "num_local_experts": 8, "n_routed_experts": null}"#).experts == 8)
        #expect(try read("{}") == read(#"{"num_experts": null}"#))
        #expect(
            try read(#"{"scoring_func": "sigmoid", "moe_train_capacity_factor": 1.5, "moe_min_capacity": 0}"#)
                .scoreFunction == "sigmoid"
        )
    }

    @Test(
        "values that cannot be",
        arguments: [
            (#"{"num_experts_per_tok": "two"}"#, #""num_experts_per_tok" is "two"; a whole number of at least 1"#),
            (#"{"num_experts": 0}"#, #""num_experts" is 0; a whole number of at least 1"#),
            (#"{"num_experts": 1.5}"#, #""num_experts" is 1.5; a whole number of at least 1"#),
            (#"{"num_experts": 1e300}"#, #""num_experts" is 1e+300; a whole number of at least 1"#),
            (#"{"num_experts": true}"#, #""num_experts" is true; a whole number of at least 1"#),
            (#"{"norm_topk_prob": 1}"#, #""norm_topk_prob" is 1; true or false"#),
            (#"{"hidden_act": [1]}"#, #""hidden_act" is a list; a string"#),
            (#"{"topk_method": {"x": 1}}"#, #""topk_method" is an object; a string"#),
            (
                #"{"routed_scaling_factor": -1}"#,
                #""routed_scaling_factor" is -1; a number that is finite and not negative"#
            ),
            (
                #"{"routed_scaling_factor": NaN}"#,
                #""routed_scaling_factor" is nan; a number that is finite and not negative"#
            ),
            (#"{"router_jitter_noise": 2}"#, #""router_jitter_noise" is 2; a number from 0.0 to 1.0"#),
            (#"{"swiglu_limit": 0}"#, #""swiglu_limit" is 0; a number that is finite and above 0"#),
            (#"{"swiglu_alpha": -7}"#, #""swiglu_alpha" is -7; a number that is finite and above 0"#),
            (
                #"{"moe_eval_capacity_token_fraction": -2}"#,
                #""moe_eval_capacity_token_fraction" is -2; a number from -1.0 to 1.0"#
            ),
        ]
    )
    func wrongValues(json: String, message: String) {
        #expect(failure { _ = try read(json) } == "config.json: \(message) is needed")
    }

    @Test(
        "files that cannot be",
        arguments: [
            ("", "is not valid JSON, or holds a number that is out of range or not whole"),
            ("[1]", "is a list; an object is needed"),
            ("{", "is not valid JSON, or holds a number that is out of range or not whole"),
            (#"{"num_experts": 4,}"#, "is not valid JSON: a comma stands in front of a closing bracket"),
            (#"{"num_experts": NaN,}"#, "is not valid JSON: a comma stands in front of a closing bracket"),
            ("{num_experts: 4}", "is not valid JSON, or holds a number that is out of range or not whole"),
            (#"{"a": Infinity /* large */}"#, "is not valid JSON, or holds a number that is out of range or not whole"),
            (
                #"{"num_local_experts": 8, "num_experts": 4}"#,
                #""num_local_experts" is 8 and "num_experts" is 4, which are names of one number; allowed is one value"#
            ),
            (
                #"{"model_type": "ernie4_5_moe", "moe_k": [2, 2], "num_experts_per_tok": 3}"#,
                #""num_experts_per_tok" is 3 and "moe_k" is 2, which are names of one number; allowed is one value"#
            ),
            (#"{"num_experts": 4, "num_experts_per_tok": 5}"#, "chooses 5 experts per token; there are 4"),
            (#"{"n_group": 2, "topk_group": 3}"#, "lets a token use 3 groups; there are 2"),
            (#"{"n_routed_experts": 6, "n_group": 4}"#, "has 6 experts in 4 groups, which cannot be equal"),
        ]
    )
    func wrongFiles(json: String, message: String) {
        #expect(failure { _ = try read(json) } == "config.json: \(message)")
    }

    @Test func standsBesideTheWeights() throws {
        let weights = try folder.write(SmallMixtral.tensors(), as: "model.safetensors")
        #expect(try CheckpointConfiguration.beside(weights) == nil)
        #expect(try CheckpointConfiguration.beside(folder.path) == nil)
        try folder.write(#"{"num_local_experts": 3}"#, as: "config.json")
        #expect(try CheckpointConfiguration.beside(weights)?.experts == 3)
        #expect(try CheckpointConfiguration.beside(folder.path)?.experts == 3)
    }

    @Test(
        "configurations of another model",
        arguments: [
            (#"{"num_local_experts": 4}"#, "says 4 experts; the tensors of layer 2 have 3"),
            (#"{"hidden_size": 8}"#, "says 8 hidden values per token; the tensors of layer 2 have 6"),
            (#"{"intermediate_size": 5}"#, "says 5 inner values per expert; the tensors of layer 2 have 4"),
            (#"{"hidden_act": "relu"}"#, #"says activation "relu"; family mixtral is computed with silu or swish"#),
        ]
    )
    func otherModel(json: String, message: String) throws {
        let path = try folder.write(SmallMixtral.tensors(), as: "model.safetensors")
        let text = failure { try read(json).check(against: layer(path, "mixtral", 2)) }
        #expect(text == "\(path): config.json \(message)")
    }

    /// Hunyuan-A13B has lists with a number for each layer; ERNIE-4.5-VL has one for each modality.
    @Test func listsOfEqualNumbers() throws {
        let lists = #"{"model_type": "hunyuan_v1_moe", "moe_topk": [8, 8, 8], "moe_intermediate_size": [30, 30, 30]}"#
        let configuration = try read(lists)
        #expect(configuration.options.topK == 8 && configuration.expertFFN == 30)
        let unequal = failure { _ = try read(#"{"model_type": "hunyuan_v1_moe", "moe_topk": [8, 4]}"#) }
        #expect(unequal?.contains("a whole number, or a list of equal ones, is needed") == true, "\(unequal ?? "")")
        #expect(failure { _ = try read(#"{"moe_topk": []}"#) }?.contains("a whole number of at least 1") == true)
        #expect(failure { _ = try read(#"{"moe_topk": [0, 0]}"#) }?.contains("a whole number of at least 1") == true)
    }

    /// Names that other classes have for the same, and where composite models have them.
    @Test func keysOfOtherClasses() throws {
        let ling = try read(
            #"{"model_type": "bailing_hybrid", "num_experts_per_token": 6, "num_expert_group": 4, "moe_renormalize": false}"#
        )
        #expect(ling.options.topK == 6 && ling.options.groups == 4 && ling.options.groupsKept == 4)
        #expect(ling.options.normalize == false && ling.options.scale == 2.5)
        #expect(try read(#"{"model_type": "afmoe", "route_scale": 2.448}"#).options.scale == 2.448)
        #expect(try read(#"{"model_type": "hy_v3"}"#).options.scale == 2.826)
        let nested = #""num_experts_per_tok": 5, "model_type": "qwen3_moe"}"#
        for key in ["text_config", "llm_config", "language_config"] {
            #expect(try read(#"{"model_type": "fancy_vl", "\#(key)": {"# + nested + "}").options.topK == 5)
        }
        let omni = #"{"model_type": "qwen3_omni_moe", "thinker_config": {"text_config": {"# + nested + "}}"
        #expect(try read(omni).options.topK == 5)
    }

    /// transformers makes the language model of its own object alone: with `num_experts_per_tok` 2 at the top and 3 in
    /// `text_config`, its Qwen3.5-MoE has 3, and with 2 at the top only, the 8 of the class (5.24).
    @Test func theLanguageModelIsItsOwnObject() throws {
        let top = #""num_experts_per_tok": 2, "num_experts": 16, "hidden_act": "gelu", "hidden_size": 9"#
        for type in ["qwen3_5_moe", "llama4", "qwen3_vl_moe", "glm4v_moe", "fancy_vl"] {
            let key = type == "fancy_vl" ? "llm_config" : "text_config"
            let nested = #""num_experts_per_tok": 3, "num_experts": 4, "hidden_act": "silu", "model_type": "qwen3_moe""#
            let found = try read(#"{"model_type": "\#(type)", \#(top), "\#(key)": {\#(nested)}}"#)
            #expect(found.options.topK == 3 && found.experts == 4 && found.activation == "silu", "\(type)")
            #expect(found.hidden == nil, "\(type)")
        }
        #expect(try read(#"{"model_type": "qwen3_5_moe", \#(top), "text_config": {}}"#).options.topK == 8)
        #expect(try read(#"{"model_type": "qwen3_5_moe", \#(top), "text_config": null}"#).options.topK == 8)
        #expect(try read(#"{"model_type": "qwen3_5_moe", \#(top)}"#).options.topK == 8)
        let thinker = #""thinker_config": {"num_experts_per_tok": 4, "text_config": {"num_experts_per_tok": 5}}"#
        #expect(try read(#"{"model_type": "qwen3_omni_moe", \#(top), \#(thinker)}"#).options.topK == 5)
        // The classes of these have no nested configuration.
        for type in ["qwen3_5_moe_text", "qwen3_moe"] {
            let found = try read(#"{"model_type": "\#(type)", \#(top), "text_config": {"num_experts_per_tok": 3}}"#)
            #expect(found.options.topK == 2 && found.hidden == 9, "\(type)")
        }
    }

    /// DbrxConfig has its width itself, and what belongs to experts in `ffn_config`.
    @Test func expertsOfDBRXAreTheirOwnObject() throws {
        let nested = #""ffn_config": {"moe_num_experts": 4, "hidden_size": 6144}"#
        let found = try read(
            #"{"model_type": "dbrx", "d_model": 8, "moe_top_k": 3, "moe_num_experts": 16, \#(nested)}"#
        )
        #expect(found.options.topK == 1 && found.experts == 4 && found.hidden == 8)
        #expect(
            failure { _ = try read(#"{"model_type": "dbrx", "ffn_config": 4}"#) }
                == #"config.json: "ffn_config" is 4; an object is needed"#
        )
    }

    @Test(arguments: [
        (#"{"model_type": "qwen3_5_moe", "text_config": "x"}"#, #""text_config" is "x""#),
        (#"{"model_type": "kimi_vl", "text_config": [1]}"#, #""text_config" is a list"#),
        (#"{"model_type": "internvl_chat", "llm_config": true}"#, #""llm_config" is true"#),
        (#"{"model_type": "qwen3_omni_moe", "thinker_config": 3}"#, #""thinker_config" is 3"#),
    ])
    func languageModelsThatAreNone(json: String, found: String) {
        #expect(failure { _ = try read(json) } == "config.json: \(found); an object is needed")
    }

    @Test func keysBesideTheLanguageModelAreNoted() throws {
        let path = try folder.write(SmallMixtral.tensors(), as: "model.safetensors")
        let small = try layer(path, "mixtral", 2)
        func first(_ json: String) throws -> String? {
            try read(json).notes(on: small, given: []).first { $0.contains("outside of") }
        }
        let nested = #""text_config": {"num_experts_per_tok": 3, "num_experts": 3}"#
        #expect(
            try first(#"{"model_type": "qwen3_5_moe", "num_experts_per_tok": 2, "hidden_act": "gelu", \#(nested)}"#)
                == "config.json has keys outside of text_config, which are not read there: hidden_act \"gelu\" "
                + "(Qwen3_5MoeConfig has \"silu\") and num_experts_per_tok 2 (text_config has 3)"
        )
        // What is the same, under this name or another, is not worth a word.
        #expect(
            try first(#"{"model_type": "qwen3_5_moe", "num_experts_per_tok": 3, "hidden_act": "silu", \#(nested)}"#)
                == nil
        )
        #expect(try first(#"{"model_type": "qwen3_vl_moe", "num_local_experts": 3, \#(nested)}"#) == nil)
        #expect(
            try first(#"{"model_type": "dbrx", "moe_top_k": 2, "ffn_config": {"moe_top_k": 4}}"#)?
                .hasSuffix("moe_top_k 2 (ffn_config has 4)") == true
        )
        #expect(try first(#"{"model_type": "fancy_vl", "moe_k": 4, "llm_config": {"moe_k": 3}}"#) != nil)
    }

    @Test func otherNamesOfTheScores() throws {
        for key in ["scoring_func", "score_func", "score_function", "moe_router_activation_func"] {
            #expect(try read(#"{"model_type": "afmoe", "\#(key)": "softmax"}"#).scoreFunction == "softmax")
        }
        for key in ["use_routing_bias", "moe_router_enable_expert_bias"] {
            #expect(try read(#"{"model_type": "minimax_m2", "\#(key)": false}"#).usesSelectionBias == false)
        }
        #expect(
            try read(#"{"model_type": "glm4_moe", "topk_method": "greedy"}"#).unread == ["topk_method": .text("greedy")]
        )
    }

    @Test func otherLimits() throws {
        #expect(try read(#"{"model_type": "gpt_oss", "swiglu_limit": 8}"#).clamp == GateClamp(limit: 8, alpha: 1.702))
        #expect(try read(#"{"swiglu_alpha": 1}"#).clamp == GateClamp(limit: 7, alpha: 1))
        let limit = failure { _ = try read(#"{"swiglu_limit": 0}"#) }
        #expect(limit?.contains(#""swiglu_limit" is 0; a number"#) == true, "\(limit ?? "")")
        let usual = ExpertShape(hidden: 4, ffn: 4, activation: .clampedSwiglu, clamp: GateClamp())
        #expect(usual == ExpertShape(hidden: 4, ffn: 4, activation: .clampedSwiglu) && usual.clamp == nil)
        #expect(ExpertShape(hidden: 4, ffn: 4, activation: .swiglu, clamp: GateClamp(limit: 1)).clamp == nil)
    }
}
