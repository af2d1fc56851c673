import Foundation
import TestSupport
import Testing

@testable import Experts

/// Which family a model is, and which tensors of a layer it has a place for.
@Suite("Names of models and tensors") struct ModelIdentityTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(arguments: [
        (#"{"model_type": "mixtral"}"#, ["mixtral"]),
        (#"{"model_type": "mixtral", "architectures": ["MixtralForCausalLM"]}"#, ["mixtral"]),
        (#"{"model_type": "mixtral", "architectures": ["MixtralModel"]}"#, ["mixtral"]),
        (#"{"model_type": "phimoe", "architectures": ["PhiMoEForCausalLM"]}"#, ["phimoe"]),
        (#"{"model_type": "kimi_k2", "architectures": ["DeepseekV3ForCausalLM"]}"#, ["kimi-k2"]),
        (#"{"model_type": "git", "architectures": ["Grok1ForCausalLM"]}"#, ["grok-2"]),
        (#"{"architectures": ["Qwen3MoeForCausalLM"]}"#, ["qwen3-moe"]),
        (#"{"architectures": ["DeepseekV3ForCausalLM"]}"#, ["deepseek-v3"]),
        (#"{"architectures": ["DeepseekForCausalLM"]}"#, ["deepseek-moe"]),
        (#"{"architectures": ["NllbMoeForConditionalGeneration"]}"#, ["nllb", "nllb-decoder"]),
        (#"{"model_type": "llama4", "architectures": ["Llama4ForConditionalGeneration"]}"#, ["llama-4"]),
        // Names that nobody knows, and classes that are not the model's.
        (#"{"model_type": "qwen3_moe_plus"}"#, []),
        (#"{"model_type": "Mixtral"}"#, []),
        (#"{"model_type": "fancy", "architectures": ["MixtralForCausalLM"]}"#, []),
        (#"{"model_type": "mixtral", "architectures": ["FancyForCausalLM"]}"#, []),
        (#"{"model_type": "mixtral", "architectures": ["MixtralPlusForCausalLM"]}"#, []),
        (#"{"architectures": ["GraniteMoeSharedForCausalLM"]}"#, ["granite-shared"]),
        (#"{"model_type": "glm4v_moe", "architectures": ["Glm4vMoeForConditionalGeneration"]}"#, ["glm-4.5v"]),
        (#"{"model_type": "qwen3_5_moe_text", "architectures": ["Qwen3_5MoeForCausalLM"]}"#, ["qwen3.5-moe"]),
        (
            #"{"model_type": "qwen3_omni_moe", "architectures": ["Qwen3OmniMoeForConditionalGeneration"]}"#,
            ["qwen3-omni-moe"]
        ),
        (#"{"architectures": ["MiniMaxM2ForCausalLM"]}"#, ["minimax-m2"]),
        (#"{"architectures": ["GraniteMoeNextForCausalLM"]}"#, []),
        // Composite models: Kimi-VL, InternVL, DeepSeek-VL2.
        (
            #"{"model_type": "kimi_vl", "architectures": ["KimiVLForConditionalGeneration"], "text_config": {"model_type": "deepseek_v3"}}"#,
            ["deepseek-v3"]
        ),
        (
            #"{"model_type": "internvl_chat", "llm_config": {"model_type": "qwen3_moe", "architectures": ["Qwen3MoeForCausalLM"]}}"#,
            ["qwen3-moe"]
        ),
        (#"{"model_type": "deepseek_vl_v2", "language_config": {"model_type": "deepseek_v2"}}"#, ["deepseek-v2"]),
        (#"{"model_type": "fancy_vl", "text_config": {"model_type": "fancy"}}"#, []),
        (#"{"model_type": "fancy_vl", "text_config": {"model_type": "olmoe", "architectures": ["FancyLM"]}}"#, []),
        (#"{"model_type": "mixtral", "text_config": {"model_type": "olmoe"}}"#, ["mixtral"]),
        (#"{"architectures": []}"#, []),
        (#"{"num_experts": 4}"#, []),
    ])
    func families(json: String, names: [String]) throws {
        let path = try folder.write(json, as: "config.json")
        #expect(try ModelIdentity.beside(folder.path)?.families.map(\.name) == names)
        #expect(try ModelIdentity.beside(path)?.path == path)
    }

    @Test func aCompositeModelIsNoted() throws {
        try folder.write(#"{"model_type": "kimi_vl", "text_config": {"model_type": "deepseek_v3"}}"#, as: "config.json")
        #expect(
            try ModelIdentity.beside(folder.path)?.note
                == #"config.json says model_type "kimi_vl", a composite model: its text_config says model_type "deepseek_v3", which gave the family"#
        )
        try folder.write(#"{"model_type": "olmoe", "text_config": {"model_type": "deepseek_v3"}}"#, as: "config.json")
        #expect(try ModelIdentity.beside(folder.path)?.note == nil)
    }

    private func said(_ family: String, _ tensors: [TestTensor]) throws -> String? {
        let path = try folder.write(tensors, as: "model.safetensors")
        return failure { _ = try layer(path, family, 2) }?.replacing(path, with: "X")
    }

    @Test(
        "attention and norms beside the block are passed over",
        arguments: [
            "self_attn.q_proj.weight", "self_attn.q_proj.bias", "self_attn.rotary_emb.inv_freq", "self_attn.sinks",
            "self_attn.k_proj.weight_scale", "input_layernorm.weight", "post_attention_layernorm.bias",
            "self_attention.experts.input_linear.weight", "mamba.A_log", "pre_ff_layernorm.weight",
            "norm_attn_norm.attn.Wqkv.weight", "norm_attn_norm.norm_1.weight", "attention.wq.weight", "ffn_norm.weight",
            "cross_attention.out_proj.bias", "ff_layer_norm.bias", "pre_moe_norm.weight",
            "layer.0.SelfAttention.q.weight",
            "layer.1.layer_norm.weight", "linear_attn.conv1d.weight",
        ]
    )
    func passedOver(name: String) throws {
        #expect(try said("mixtral", SmallMixtral.tensors() + [noisy("model.layers.2.\(name)", [6])]) == nil)
    }

    @Test(
        "whatever else is beside it is an error",
        arguments: [
            "shared_mlp.gate_proj.weight", "mlp.gate_proj.weight", "mlp.shared_expert.up_proj.weight",
            "moe.latent.weight",
            "feed_forward.w1.weight", "router.bias", "fc1_latent_proj.weight", "block_sparse_moe.gate.bias",
            "block_sparse_moe.shared_experts.w1.weight", "block_sparse_moe.experts.0.w1.bias", "input_layernorm.gate",
            "input_layernorm.mlp.weight", "layer.1.DenseReluDense.wi.weight", "input_layernorm", "shared_self_attn.w",
            "block_sparse_moe.experts.1.w2.weight_zero_point", "altup.weight",
        ]
    )
    func notPassedOver(name: String) throws {
        let found = try said("mixtral", SmallMixtral.tensors() + [noisy("model.layers.2.\(name)", [6])])
        let reason = "X: does not fit family mixtral: it has no place for \"model.layers.2.\(name)\"; "
        #expect(found?.hasPrefix(reason) == true, "\(found ?? "nothing")")
    }

    @Test func allUnknownTensorsAreNamed() throws {
        let names = ["shared_mlp.down_proj.weight", "shared_mlp.gate_proj.weight", "shared_mlp.up_proj.weight"]
        let found = try said("mixtral", SmallMixtral.tensors() + names.map { noisy("model.layers.2.\($0)", [6]) })
        for name in names { #expect(found?.contains("\"model.layers.2.\(name)\"") == true) }
        // Those of other layers are not this layer's.
        let others = ["model.layers.20.shared_mlp.weight", "model.layers.1.mlp.gate_proj.weight", "lm_head.weight"]
        #expect(try said("mixtral", SmallMixtral.tensors() + others.map { noisy($0, [6]) }) == nil)
    }
}
