import Experts
import Foundation
import MoE
import Tensors
import TestSupport
import Testing

/// Identity experts in a checkpoint: rows of the router without a down matrix.
@Suite("Identity experts of checkpoints") struct IdentityExpertTests {
    private static let block = "model.layers.1.mlp."

    /// A router of five rows; the experts that are named have all matrices.
    private func longcat(experts: [Int], beside: [TestTensor] = []) -> [TestTensor] {
        let matrices = experts.flatMap { expert in
            ["gate_proj", "up_proj", "down_proj"].map { name in
                noisy("\(Self.block)experts.\(expert).\(name).weight", name == "down_proj" ? [6, 4] : [4, 6])
            }
        }
        return matrices + beside + [
            noisy(Self.block + "router.classifier.weight", [5, 6]),
            noisy(Self.block + "router.e_score_correction_bias", [5]),
            noisy("model.layers.1.mlps.0.gate_proj.weight", [8, 6]),
            noisy("model.layers.1.input_layernorm.1.weight", [6]),
            noisy("model.layers.1.self_attn.0.o_proj.weight", [6, 6]),
        ]
    }

    private func open(_ tensors: [TestTensor]) throws -> CheckpointLayer {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        return try layer(folder.write(tensors, as: "model.safetensors"), "longcat-flash", 1)
    }

    private func check(_ json: String, _ layer: CheckpointLayer) -> String? {
        failure {
            try CheckpointConfiguration(
                json: Data(#"{"model_type": "longcat_flash", \#(json)}"#.utf8),
                path: "config.json"
            ).check(against: layer)
        }
    }

    @Test func areTheRowsBehindTheLastDownMatrix() throws {
        let layer = try open(longcat(experts: [0, 1, 2]))
        #expect(layer.experts == 3 && layer.identityExperts == 2 && layer.sharedShape == nil)
        #expect(try layer.routerProjection().rows == 5)
        #expect(try layer.selectionBias()?.count == 5)
        #expect(failure { _ = try layer.expertParameters(3) }?.contains("experts 0–2, not 3") == true)
        // As transformers saves them: nothing reads these.
        let unread = [noisy(Self.block + "experts.4.gate_proj.weight", [4, 6])]
        #expect(try open(longcat(experts: [0, 1, 2], beside: unread)).identityExperts == 2)
        #expect(try open(longcat(experts: [0, 1, 2, 3, 4])).identityExperts == 0)
    }

    @Test func whatIsMissingBetweenExpertsIsAnError() {
        let gap = failure { _ = try open(longcat(experts: [0, 2])) }
        #expect(gap?.contains("experts.1.gate_proj.weight") == true, "\(gap ?? "")")
        let beyond = [noisy(Self.block + "experts.5.down_proj.weight", [6, 4])]
        let more = failure { _ = try open(longcat(experts: [0, 1, 2], beside: beyond)) }
        #expect(more?.contains("the router has 5 rows") == true, "\(more ?? "")")
        // transformers has this bias and does not add it; SGLang does.
        let bias = [noisy(Self.block + "router.classifier.bias", [5])]
        let unknown = failure { _ = try open(longcat(experts: [0, 1, 2], beside: bias)) }
        #expect(unknown?.contains("router.classifier.bias") == true, "\(unknown ?? "")")
    }

    @Test func theConfigurationKnowsThem() throws {
        let layer = try open(longcat(experts: [0, 1, 2]))
        #expect(check(#""n_routed_experts": 3, "zero_expert_num": 2, "zero_expert_type": "identity""#, layer) == nil)
        let number = check(#""zero_expert_num": 1"#, layer)
        #expect(number?.hasSuffix("says 1 identity experts; the tensors of layer 1 have 2") == true, "\(number ?? "")")
        let none = check(#""zero_expert_num": null"#, layer)
        #expect(none?.hasSuffix("says 0 identity experts; the tensors of layer 1 have 2") == true, "\(none ?? "")")
        let kind = check(#""zero_expert_type": "drop""#, layer)
        #expect(kind?.contains(#"says zero_expert_type "drop""#) == true, "\(kind ?? "")")
        let choices = failure {
            _ = try CheckpointConfiguration(
                json: Data(
                    #"{"model_type": "longcat_flash", "n_routed_experts": 3, "zero_expert_num": 2, "moe_topk": 6}"#.utf8
                ),
                path: "config.json"
            )
        }
        #expect(choices?.contains("chooses 6 experts per token; there are 5") == true, "\(choices ?? "")")
    }

    /// The width of dense layers is not that of experts, where the class has a key for each.
    @Test(
        arguments: [
            (#""model_type": "longcat_flash", "ffn_hidden_size": 12288"#, nil),
            (#""model_type": "longcat_flash", "ffn_hidden_size": 12288, "expert_ffn_hidden_size": 2048"#, 2048),
            (#""model_type": "qwen3_moe", "intermediate_size": 6144"#, nil),
            (#""model_type": "deepseek_v3", "intermediate_size": 6144, "moe_intermediate_size": 768"#, 768),
            (#""model_type": "mixtral", "intermediate_size": 6144"#, 6144),
            (#""intermediate_size": 6144"#, 6144),
        ] as [(String, Int?)]
    )
    func widthsOfDenseLayersAreNotThoseOfExperts(json: String, width: Int?) throws {
        let configuration = try CheckpointConfiguration(json: Data("{\(json)}".utf8), path: "config.json")
        #expect(configuration.expertFFN == width)
    }
}
