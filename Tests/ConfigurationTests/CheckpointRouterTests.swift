import Basics
import Experts
import Foundation
import MoE
import Testing
import Workloads

@testable import Configuration
@testable import Runtime

@Suite("What a config.json says of the router")
struct CheckpointRouterTests {
    private func options(_ family: String, _ json: String?) throws -> [String: String] {
        let configuration = try json.map { try CheckpointConfiguration(json: Data($0.utf8), path: "config.json") }
        let router = CheckpointRouter(family: try .named(family), configuration: configuration)
        let options = router.options
        let known = RouterOptions.rows.compactMap { row in row.option.text(options).map { (row.option.key, $0) } }
        return Dictionary(uniqueKeysWithValues: known)
    }

    @Test("without one, only that nothing is trained, and a number of experts that no model of the family changes")
    func nothing() throws {
        let router = CheckpointRouter(family: try .named("mixtral"), configuration: nil)
        #expect(router.contradiction == nil)
        #expect(try options("mixtral", nil) == ["training": "false"])
        #expect(try options("switch-transformers", nil) == ["training": "false", "top_k": "1"])
        #expect(try options("nllb", "{}")["top_k"] == "2")
    }

    @Test("DeepSeek-V2 does not read norm_topk_prob, and greedy no groups")
    func deepseek() throws {
        let v2 = #"{"model_type": "deepseek_v2", "norm_topk_prob": true, "n_group": 4, "topk_group": 2"#
        let limited = try options("deepseek-v2", v2 + #", "topk_method": "group_limited_greedy"}"#)
        #expect(limited["normalize"] == nil && limited["groups"] == "4" && limited["groups_kept"] == "2")
        let greedy = try options("deepseek-v2", v2 + #", "topk_method": "greedy"}"#)
        #expect(greedy["groups"] == "1" && greedy["groups_kept"] == "1")
        let v3 = try options("deepseek-v3", #"{"norm_topk_prob": false, "routed_scaling_factor": 1.5}"#)
        #expect(v3["normalize"] == "false" && v3["scale"] == "1.5")
    }

    @Test("NLLB: fraction or slots, order, moment and second experts")
    func nllb() throws {
        let slots = try options(
            "nllb",
            """
            {"expert_capacity": 5, "moe_eval_capacity_token_fraction": -1, "batch_prioritized_routing": true,
             "normalize_router_prob_before_dropping": true, "second_expert_policy": "random"}
            """
        )
        #expect(slots["capacity_of"] == "slots" && slots["capacity_factor"] == "5")
        #expect(slots["drop"] == "batch-prioritised" && slots["normalize_moment"] == "before-drop")
        #expect(slots["further"] == "random-by-score" && slots["further_threshold"] == "0.5")
        let fraction = try options(
            "nllb",
            #"{"expert_capacity": 5, "moe_eval_capacity_token_fraction": 0.25, "second_expert_policy": "all"}"#
        )
        #expect(fraction["capacity_of"] == "token-fraction" && fraction["capacity_factor"] == "0.25")
        #expect(fraction["further"] == "all" && fraction["further_threshold"] == nil)
    }

    @Test("DBRX divides by a norm, or not at all")
    func dbrx() throws {
        let squares = try options("dbrx", #"{"ffn_config": {"moe_normalize_expert_weights": 2, "moe_top_k": 3}}"#)
        #expect(squares["normalize_power"] == "2" && squares["normalize"] == nil && squares["top_k"] == "3")
        let none = try options("dbrx", #"{"ffn_config": {"moe_normalize_expert_weights": null}}"#)
        #expect(none["normalize"] == "false" && none["normalize_power"] == nil)
    }

    @Test("DeepSeek-V2's methods need what they look at; other classes do not read the method")
    func methods() throws {
        func said(_ keys: String, _ family: String = "deepseek-v2", _ type: String = "deepseek_v2") throws -> String? {
            let json = #"{"model_type": "\#(type)", "num_experts_per_tok": 2, \#(keys)}"#
            let configuration = try CheckpointConfiguration(json: Data(json.utf8), path: "config.json")
            return CheckpointRouter(family: try .named(family), configuration: configuration).contradiction
        }
        #expect(try said(#""topk_method": "greedy""#) == nil && said(#""n_group": 2"#) == nil)
        #expect(try said(#""topk_method": "group_limited_greedy", "n_group": 2, "topk_group": 1"#) == nil)
        #expect(
            try said(#""topk_method": "group_limited_greedy", "n_group": 2"#)?.contains("leaves out n_group or") == true
        )
        #expect(
            try said(#""topk_method": "noaux_tc""#)
                == #"config.json says topk_method "noaux_tc", allowed: greedy or group_limited_greedy"#
        )
        #expect(try said(#""topk_method": "greedy""#, "deepseek-v3", "deepseek_v3") == nil)
        let json = #"{"model_type": "deepseek_v3", "topk_method": "greedy"}"#
        #expect(try options("deepseek-v3", json)["groups"] == "8")
    }

    @Test("what the file has and the class does not read is said where it would change the router")
    func unread() throws {
        func said(_ family: String, _ json: String, given: Set<String> = []) throws -> String? {
            let family = try CheckpointFamily.named(family)
            let configuration = try CheckpointConfiguration(json: Data(json.utf8), path: "config.json", of: family)
            return CheckpointRouter(family: family, configuration: configuration).unreadNote(given: given)
        }
        let mixtral = #"{"model_type": "mixtral", "norm_topk_prob": false, "routed_scaling_factor": 3, "n_group": 1}"#
        #expect(
            try said("mixtral", mixtral)
                == "config.json has norm_topk_prob false and routed_scaling_factor 3, which MixtralConfig does not read: the "
                + "router is the same without"
        )
        #expect(try said("mixtral", mixtral, given: ["normalize", "scale"]) == nil)
        #expect(try said("mixtral", #"{"model_type": "mixtral", "norm_topk_prob": true}"#) == nil)
        // AFMoE's class divides always.
        #expect(try said("afmoe", #"{"model_type": "afmoe", "route_norm": true}"#) == nil)
        #expect(
            try said("afmoe", #"{"model_type": "afmoe", "route_norm": false}"#)?.contains("route_norm false") == true
        )
        #expect(
            try said("qwen3.5-moe", #"{"model_type": "qwen3_5_moe_text", "norm_topk_prob": false}"#)?
                .contains("norm_topk_prob false") == true
        )
        // DeepSeek-V2's has the key and does not read it.
        let v2 = #"{"model_type": "deepseek_v2", "num_experts_per_tok": 2, "norm_topk_prob": "#
        #expect(try said("deepseek-v2", v2 + "true}")?.contains("norm_topk_prob true") == true)
        #expect(try said("deepseek-v2", v2 + "false}") == nil)
        for (method, isSaid) in [("greedy", true), ("noaux_tc", false)] {
            let json = #"{"model_type": "glm4_moe", "topk_method": "\#(method)"}"#
            #expect(try (said("glm-4.5", json) != nil) == isSaid)
        }
        #expect(
            try said("glm-4.5", #"{"model_type": "glm4_moe", "route_scale": "x"}"#)?.contains(#"route_scale "x""#)
                == true
        )
    }

    @Test("the scores and the bias of a family are not another's, whatever the key is called")
    func otherKeys() throws {
        func said(_ family: String, _ keys: String) throws -> String? {
            let configuration = try CheckpointConfiguration(json: Data("{\(keys)}".utf8), path: "config.json")
            return CheckpointRouter(family: try .named(family), configuration: configuration).contradiction
        }
        #expect(
            try said("afmoe", #""score_func": "softmax""#)
                == #"config.json says score_func "softmax"; family afmoe scores by sigmoid"#
        )
        #expect(try said("kimi-linear", #""moe_router_activation_func": "softmax""#) != nil)
        #expect(try said("ling-hybrid", #""score_function": "sigmoid", "moe_router_enable_expert_bias": true"#) == nil)
        #expect(try said("minimax-m2", #""use_routing_bias": false"#)?.contains("minimax-m2 chooses with one") == true)
        #expect(try said("mixtral", #""use_routing_bias": false"#) == nil)
    }

    @Test("what no option can follow is said")
    func contradictions() throws {
        func said(_ json: String) throws -> String? {
            let configuration = try CheckpointConfiguration(json: Data(json.utf8), path: "config.json")
            return CheckpointRouter(family: try .named("deepseek-v3"), configuration: configuration).contradiction
        }
        #expect(
            try said(#"{"scoring_func": "softmax"}"#)
                == #"config.json says scoring_func "softmax"; family deepseek-v3 scores by sigmoid"#
        )
        #expect(
            try said(#"{"second_expert_policy": "best"}"#)
                == #"config.json says second_expert_policy "best", allowed: all, random or sampling"#
        )
        #expect(try said(#"{"scoring_func": "sigmoid"}"#) == nil)
    }

    @Test(
        "layers are named by numbers, ranges and lists",
        arguments: [
            ("3", [3], "3"), ("3-5", [3, 4, 5], "3-5"), ("1,4,7", [1, 4, 7], "1,4,7"),
            ("1, 2,3, 9", [1, 2, 3, 9], "1-3,9"),
            ("5,4", [5, 4], "5,4"), ("0-1023", Array(0...1023), "0-1023"),
        ]
    )
    func layers(_ text: String, _ numbers: [Int], _ shown: String) throws {
        let choice = try #require(LayerChoice(text))
        #expect(choice == .numbers(numbers) && choice.text == shown && LayerChoice(shown) == choice)
    }

    @Test(
        "other texts are not",
        arguments: [
            "", "a", "-1", "3-", "5-3", "1,,2", "1,1", "1-3,2", "03", "10000", "0-1024", "1 2", "3-4-5", "٣",
        ]
    )
    func noLayers(_ text: String) {
        #expect(LayerChoice(text) == nil)
    }

    @Test("all of them")
    func allLayers() {
        #expect(LayerChoice("all") == .all && LayerChoice.all.text == "all")
    }
}
