import Basics
import Foundation
import MoE
import TestSupport
import Testing

@testable import Experts

/// What config.json leaves out, against the configuration classes of transformers; the script beside the fixture wrote
/// it.
@Suite("Defaults of configuration classes") struct ClassDefaultsTests {
    private static let fixture = fixtureFolder("configurations") + "/class_defaults.json"

    @Test func areThoseOfTransformers() throws {
        let text = try String(contentsOfFile: Self.fixture, encoding: .utf8)
        guard case .members(let classes) = try JSON(parsing: text) else { throw TestTrouble("no object") }
        #expect(classes.count == 46)
        for (modelType, json) in classes.sorted(by: { $0.key < $1.key }) {
            guard case .members(let values)? = json["values"] else { throw TestTrouble("no values") }
            let families = CheckpointFamily.of(modelType: modelType)
            #expect(!families.isEmpty, "\(modelType)")
            for family in families {
                let found = try #require(family.defaults, "\(modelType)")
                // Llama4Config has Llama4TextConfig's values one level below.
                #expect(found.className == json.string("class") || modelType == "llama4")
                #expect(Set(found.values.keys) == Set(values.keys), "\(modelType)")
                guard case .list(let nullable)? = json["nullable"] else { throw TestTrouble("no list") }
                #expect(nullable == found.nullable.sorted().map { JSON.text($0) }, "\(modelType)")
                for (key, value) in values {
                    let same =
                        found.values[key] == value || (value.number != nil && found.values[key]?.number == value.number)
                    #expect(same, "\(modelType): \(key) is \(found.values[key]?.shown ?? "-"), not \(value.shown)")
                }
            }
        }
    }

    @Test func everyFamilyOfTransformersHasThem() {
        #expect(CheckpointFamily.all.filter { $0.defaults == nil }.map(\.name) == ["grok-2"])
    }

    private func read(_ json: String, of family: String? = nil) throws -> CheckpointConfiguration {
        let family = try family.map { name throws in try CheckpointFamily.named(name) }
        return try CheckpointConfiguration(json: Data(json.utf8), path: "config.json", of: family)
    }

    @Test func holdForWhatIsLeftOut() throws {
        let qwen = try read(#"{"model_type": "qwen3_moe", "num_experts": 128}"#)
        #expect(qwen.options.normalize == false && qwen.options.topK == 8 && qwen.activation == "silu")
        let assumed = ["norm_topk_prob": "false", "num_experts_per_tok": "8", "router_aux_loss_coef": "0.001"]
        #expect(qwen.assumed == assumed)
        #expect(try read(#"{"model_type": "qwen3_moe", "norm_topk_prob": true}"#).options.normalize == true)
        let glm = try read(#"{"model_type": "glm4_moe"}"#).options
        #expect(glm.scale == 1 && glm.normalize == true && glm.groups == 1 && glm.groupsKept == 1)
        let v3 = try read(#"{"architectures": ["DeepseekV3ForCausalLM"]}"#).options
        #expect(v3.scale == 2.5 && v3.groups == 8 && v3.groupsKept == 4 && v3.topK == 8)
        let v2 = try read(#"{"model_type": "deepseek_v2"}"#)
        #expect(v2.options.topK == nil && v2.options.scale == 1 && v2.topKMethod == "greedy")
        #expect(try read(#"{"model_type": "granitemoe"}"#).options.topK == 2)
        let nllb = try read(#"{"model_type": "nllb-moe"}"#)
        #expect(nllb.tokenDropout == 0.2 && nllb.evalCapacityFraction == 1 && nllb.secondExpertPolicy == "all")
        #expect(try read(#"{"model_type": "llama4", "text_config": {"num_local_experts": 4}}"#).options.topK == 1)
        #expect(try read(#"{"model_type": "fancy"}"#).options.topK == nil)
        #expect(try read(#"{"model_type": "fancy"}"#, of: "olmoe").options.topK == 8)
    }

    /// Sizes follow from the tensors, whatever a class has.
    @Test func sizesAreNotTakenFromThem() throws {
        let mixtral = try read(#"{"model_type": "mixtral"}"#)
        #expect(mixtral.experts == nil && mixtral.hidden == nil && mixtral.expertFFN == nil)
    }

    /// Python's None takes the place of a default: it is false, and no number.
    @Test func nullIsNoDefault() throws {
        #expect(try read(#"{"model_type": "deepseek_v3", "norm_topk_prob": null}"#).options.normalize == false)
        #expect(try read(#"{"model_type": "kimi_linear", "moe_renormalize": null}"#).options.normalize == false)
        #expect(
            failure { _ = try read(#"{"model_type": "glm4_moe", "routed_scaling_factor": null}"#) }
                == #"config.json: "routed_scaling_factor" is null; a number is needed"#
        )
        #expect(
            failure { _ = try read(#"{"model_type": "mixtral", "num_experts_per_tok": null}"#) }
                == #"config.json: "num_experts_per_tok" is null; a whole number is needed"#
        )
        #expect(try read(#"{"model_type": "mixtral", "router_jitter_noise": null}"#).options.jitter == nil)
        let dbrx = try read(#"{"model_type": "dbrx", "ffn_config": {"moe_normalize_expert_weights": null}}"#)
        #expect(dbrx.options.normalize == false && dbrx.options.normalizePower == nil)
    }

    /// The classes of transformers take null only for some keys; sizes have no use for it.
    @Test(arguments: [
        (#""qwen3_moe", "norm_topk_prob""#, "norm_topk_prob", "true or false"),
        (#""olmoe", "norm_topk_prob""#, "norm_topk_prob", "true or false"),
        (#""deepseek_v32", "norm_topk_prob""#, "norm_topk_prob", "true or false"),
        (#""lfm2_moe", "use_expert_bias""#, "use_expert_bias", "true or false"),
        (#""switch_transformers", "router_bias""#, "router_bias", "true or false"),
        (#""nllb-moe", "batch_prioritized_routing""#, "batch_prioritized_routing", "true or false"),
        (#""deepseek_v3", "n_routed_experts""#, "n_routed_experts", "a whole number of at least 1"),
        (#""mixtral", "hidden_size""#, "hidden_size", "a whole number of at least 1"),
        (
            #""qwen2_moe", "intermediate_size": 96, "moe_intermediate_size""#, "moe_intermediate_size",
            "a whole number of at least 1"
        ),
        (#""deepseek_v3", "n_shared_experts""#, "n_shared_experts", "a whole number of at least 0"),
    ])
    func nullIsRefused(start: String, key: String, allowed: String) {
        let text = failure { _ = try read("{\"model_type\": \(start): null}") }
        #expect(text == "config.json: \"\(key)\" is null; \(allowed) is needed")
    }

    /// What the option of the router does not take is said with the key of the file.
    @Test(arguments: [
        ("glm4_moe", "routed_scaling_factor", "0", "a number above 0"),
        ("afmoe", "route_scale", "0.0", "a number above 0"),
        ("mixtral", "num_experts_per_tok", "70000", "an integer from 1 to 65535"),
        ("deepseek_v3", "n_group", "70000", "an integer from 1 to 65535"),
    ])
    func valuesThatNoRouterTakes(type: String, key: String, value: String, allowed: String) {
        let text = failure { _ = try read("{\"model_type\": \"\(type)\", \"\(key)\": \(value)}") }
        #expect(text?.hasPrefix("config.json: \"\(key)\" is ") == true, "\(text ?? "")")
        #expect(text?.hasSuffix("; \(allowed) is needed") == true, "\(text ?? "")")
    }

    /// Mixtral's class always divides, whatever a key says that it does not have.
    @Test func keysThatAClassDoesNotHaveAreNotRead() throws {
        let json = #"{"model_type": "mixtral", "norm_topk_prob": false, "routed_scaling_factor": 3, "n_group": 2}"#
        let options = try read(json).options
        #expect(options.normalize == nil && options.scale == nil && options.groups == nil)
        #expect(
            try read(json).unread == [
                "norm_topk_prob": .bool(false), "routed_scaling_factor": .integer(3), "n_group": .integer(2),
            ]
        )
    }
}
