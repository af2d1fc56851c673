import Experts
import Foundation
import MoE
import TestSupport
import Testing

/// What a checkpoint of a family may leave out, and what it may not.
@Suite("Optional pieces of checkpoints") struct OptionalPieceTests {
    private static let switchBlock = "encoder.block.1.layer.1.mlp."
    private static let ernieBlock = "model.layers.1.mlp."

    private func switchTransformer(bias: [TestTensor]) -> [TestTensor] {
        let block = Self.switchBlock
        return [noisy(block + "router.classifier.weight", [2, 6])] + bias
            + (0..<2).flatMap { expert in
                [
                    noisy(block + "experts.expert_\(expert).wi.weight", [4, 6]),
                    noisy(block + "experts.expert_\(expert).wo.weight", [6, 4]),
                ]
            }
    }

    private func ernie(shared: [String]) -> [TestTensor] {
        let block = Self.ernieBlock
        let experts = (0..<2).map { "experts.\($0)." } + (shared.isEmpty ? [] : ["shared_experts."])
        let matrices = experts.flatMap { head in
            (head == "shared_experts." ? shared : ["gate_proj", "up_proj", "down_proj"]).map { name in
                noisy(block + head + name + ".weight", name == "down_proj" ? [6, 4] : [4, 6])
            }
        }
        return matrices + [
            noisy(block + "gate.weight", [2, 6]), noisy(block + "moe_statics.e_score_correction_bias", [1, 2]),
        ]
    }

    private func open(_ tensors: [TestTensor], _ family: String) throws -> CheckpointLayer {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        let path = try folder.write(tensors, as: "model.safetensors")
        return try layer(path, family, 1)
    }

    @Test func biasOfTheRouter() throws {
        let name = Self.switchBlock + "router.classifier.bias"
        let with = try open(switchTransformer(bias: [noisy(name, [2])]), "switch-transformers")
        #expect(try with.routerBias() == noise(name, 2))
        #expect(try open(switchTransformer(bias: []), "switch-transformers").routerBias() == nil)
        let long = try open(switchTransformer(bias: [noisy(name, [3])]), "switch-transformers")
        #expect(failure { _ = try long.routerBias() }?.hasSuffix("has shape [3]; expected [2]") == true)
    }

    @Test func sharedExpertOfErnie() throws {
        let all = ["gate_proj", "up_proj", "down_proj"]
        #expect(try open(ernie(shared: all), "ernie-4.5").sharedExpertParameters()?.shape.ffn == 4)
        let without = try open(ernie(shared: []), "ernie-4.5")
        #expect(without.sharedShape == nil && without.family.name == "ernie-4.5")
        let part = failure { _ = try open(ernie(shared: ["gate_proj", "up_proj"]), "ernie-4.5") }
        #expect(part?.contains("shared_experts.down_proj.weight") == true, "\(part ?? "")")
    }

    @Test func otherFamiliesNeedTheirSharedExpert() throws {
        let tensors = ernie(shared: []).filter { !$0.name.contains("moe_statics") }
        let text = failure { _ = try open(tensors, "deepseek-v2") }
        #expect(text?.contains("shared_experts.gate_proj.weight") == true, "\(text ?? "")")
    }

    @Test(arguments: [
        (0, true, "0 shared experts; layer 1 has some"), (2, false, "2 shared experts; layer 1 has none"),
    ])
    func configurationKnowsTheSharedExpert(said: Int, isStored: Bool, message: String) throws {
        let layer = try open(ernie(shared: isStored ? ["gate_proj", "up_proj", "down_proj"] : []), "ernie-4.5")
        let json = Data(#"{"moe_num_shared_experts": \#(said)}"#.utf8)
        let text = failure { try CheckpointConfiguration(json: json, path: "config.json").check(against: layer) }
        #expect(text?.hasSuffix("config.json says \(message)") == true, "\(text ?? "")")
    }

    /// Qwen2-MoE's class makes a shared expert of any width, 0 too, and its weights must have it.
    @Test(arguments: [("qwen2-moe", 0), ("qwen3-next", 0), ("qwen3.5-moe", 0), ("qwen2-moe", 5)])
    func sharedExpertOfQwen(family: String, said: Int) throws {
        let block = "model.layers.1.mlp."
        let experts = (0..<2).map { "experts.\($0)." } + ["shared_expert."]
        let matrices = experts.flatMap { expert in
            ["gate_proj", "up_proj", "down_proj"].map {
                noisy(block + expert + $0 + ".weight", $0 == "down_proj" ? [6, 4] : [4, 6])
            }
        }
        let gates = [noisy(block + "gate.weight", [2, 6]), noisy(block + "shared_expert_gate.weight", [1, 6])]
        let layer = try open(matrices + gates, family)
        func check(_ width: Int) -> String? {
            let json = Data(#"{"shared_expert_intermediate_size": \#(width)}"#.utf8)
            return failure { try CheckpointConfiguration(json: json, path: "config.json").check(against: layer) }
        }
        #expect(check(4) == nil)
        let message = "says \(said) inner values of the shared expert; the tensors of layer 1 have 4"
        #expect(check(said)?.hasSuffix(message) == true, "\(check(said) ?? "nothing")")
    }

    @Test func sharedNetworkOfGranite() throws {
        let (layerPrefix, block) = ("model.layers.1.", "model.layers.1.block_sparse_moe.")
        let block4 = [
            noisy(block + "router.layer.weight", [2, 6]), noisy(block + "input_linear.weight", [2, 8, 6]),
            noisy(block + "output_linear.weight", [2, 6, 4]),
        ]
        let shared = [
            noisy(layerPrefix + "shared_mlp.input_linear.weight", [10, 6]),
            noisy(layerPrefix + "shared_mlp.output_linear.weight", [6, 5]),
        ]
        let with = try open(block4 + shared, "granite-shared")
        let parameters = try #require(try with.sharedExpertParameters())
        #expect(parameters.shape.ffn == 5 && parameters.down == noise(shared[1].name, 30))
        #expect((parameters.gate ?? []) + parameters.up == noise(shared[0].name, 60))
        let without = try open(block4, "granite-shared")
        #expect(without.sharedShape == nil)
        #expect(failure { _ = try open(block4, "granite-hybrid") }?.contains("shared_mlp.input_linear.weight") == true)
        func check(_ width: Int, _ layer: CheckpointLayer) -> String? {
            let json = Data(#"{"model_type": "granitemoeshared", "shared_intermediate_size": \#(width)}"#.utf8)
            return failure { try CheckpointConfiguration(json: json, path: "config.json").check(against: layer) }
        }
        #expect(check(5, with) == nil && check(0, without) == nil)
        #expect(check(0, with)?.hasSuffix("a shared expert of 0 inner values; layer 1 has one") == true)
        #expect(check(5, without)?.hasSuffix("a shared expert of 5 inner values; layer 1 has none") == true)
    }

    @Test func selectionBiasOfLFM2() throws {
        let block = "model.layers.1.feed_forward."
        let experts = (0..<2).flatMap { expert in
            ["w1", "w3", "w2"].map { noisy(block + "experts.\(expert).\($0).weight", $0 == "w2" ? [6, 4] : [4, 6]) }
        }
        let tensors = experts + [noisy(block + "gate.weight", [2, 6])]
        #expect(try open(tensors, "lfm2-moe").selectionBias() == nil)
        let bias = noisy(block + "expert_bias", [2])
        #expect(try open(tensors + [bias], "lfm2-moe").selectionBias() == noise(bias.name, 2))
    }

    private func notes(_ tensors: [TestTensor], _ family: String, _ config: String) throws -> (Bool, [String]) {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        try folder.write(config, as: "config.json")
        let path = try folder.write(tensors, as: "model.safetensors")
        let source = try CheckpointSource(checkpoint: Checkpoint(path: path), family: .named(family), layers: [1])
        let layer = try #require(source.layers.first)
        return (try layer.selectionBias() != nil || layer.routerBias() != nil, source.notes)
    }

    /// Lfm2MoeConfig has use_expert_bias true, the other two router_bias false, where config.json leaves it out
    /// (transformers 5.24); what the key says holds, whether or not the tensor is there.
    @Test func configurationSaysWhetherABiasIsUsed() throws {
        let block = "model.layers.1.feed_forward."
        let lfm2 =
            (0..<2).flatMap { expert in
                ["w1", "w3", "w2"].map {
                    noisy(block + "experts.\(expert).\($0).weight", $0 == "w2" ? [6, 4] : [4, 6])
                }
            } + [noisy(block + "gate.weight", [2, 6])]
        let bias = noisy(block + "expert_bias", [2])
        func lfm2Notes(_ flag: String, _ extra: [TestTensor]) throws -> (Bool, [String]) {
            try notes(lfm2 + extra, "lfm2-moe", #"{"model_type": "lfm2_moe"\#(flag)}"#)
        }
        let note = "\"\(bias.name)\" is not used, as use_expert_bias is false"
        #expect(try lfm2Notes(#", "use_expert_bias": false"#, [bias]) == (false, [note]))
        #expect(try lfm2Notes(#", "use_expert_bias": false"#, []) == (false, []))
        #expect(try lfm2Notes(#", "use_expert_bias": true"#, [bias]) == (true, []))
        #expect(try lfm2Notes("", [bias]) == (true, []))
        for flag in ["", #", "use_expert_bias": true"#] {
            let text = failure { _ = try lfm2Notes(flag, []) }
            #expect(text?.contains(bias.name) == true, "\(text ?? "")")
        }
        let wrong = failure { _ = try lfm2Notes(#", "use_expert_bias": 1"#, [bias]) }
        #expect(wrong?.hasSuffix(#""use_expert_bias" is 1; true or false is needed"#) == true, "\(wrong ?? "")")

        let name = Self.switchBlock + "router.classifier.bias"
        func switchNotes(_ flag: String, _ extra: [TestTensor]) throws -> (Bool, [String]) {
            let config = #"{"model_type": "switch_transformers"\#(flag)}"#
            return try notes(switchTransformer(bias: extra), "switch-transformers", config)
        }
        let with = [noisy(name, [2])]
        #expect(try switchNotes(#", "router_bias": true"#, with) == (true, []))
        #expect(try switchNotes("", with) == (false, ["\"\(name)\" is not used, as router_bias is false"]))
        #expect(try switchNotes("", []) == (false, []))
        #expect(failure { _ = try switchNotes(#", "router_bias": true"#, []) }?.contains(name) == true)
    }

    @Test func nullMeansNoNormInDBRX() throws {
        func read(_ json: String) throws -> CheckpointConfiguration {
            try CheckpointConfiguration(json: Data(json.utf8), path: "config.json")
        }
        #expect(try read(#"{"ffn_config": {"moe_normalize_expert_weights": null}}"#).options.normalize == false)
        let squared = try read(#"{"ffn_config": {"moe_normalize_expert_weights": 2}}"#)
        #expect(squared.options.normalize == nil && squared.options.normalizePower == 2)
        #expect(try read(#"{"ffn_config": {}}"#).options.normalize == nil)
    }
}
