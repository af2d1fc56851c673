import Experts
import Foundation
import TestSupport
import Testing

/// The layers with experts by `config.json`, against those of a checkpoint.
@Suite("Layers of config.json") struct ExpertLayersTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// What a config.json says of eight layers (of six in a decoder beside an encoder).
    struct Case: CustomStringConvertible, Sendable {
        let family: String
        let keys: String
        let sparse: [Int]
        var description: String { "\(family) \(keys)" }

        init(_ family: String, _ keys: String, _ sparse: [Int]) {
            (self.family, self.keys, self.sparse) = (family, keys, sparse)
        }

        var isDecoder: Bool { family.hasSuffix("-decoder") }
        var count: Int { isDecoder ? 6 : 8 }
        var json: String {
            let counts = #""num_layers": 8, "num_decoder_layers": 6, "encoder_layers": 8, "decoder_layers": 6"#
            return #"{"num_hidden_layers": 8, \#(counts)\#(keys.isEmpty ? "" : ", ")\#(keys)}"#
        }
    }

    /// The layers are those in which the classes of transformers 5.24, made of such a configuration, have experts; the
    /// last three stand in code that comes with checkpoints.
    static let cases = [
        Case("mixtral", "", Array(0..<8)),
        Case("qwen3-moe", #""decoder_sparse_step": 1, "mlp_only_layers": [1, 5]"#, [0, 2, 3, 4, 6, 7]),
        Case("qwen3-moe", #""decoder_sparse_step": 3, "mlp_only_layers": []"#, [2, 5]),
        Case("qwen2-moe", #""decoder_sparse_step": 2, "mlp_only_layers": [3]"#, [1, 5, 7]),
        Case("deepseek-v3", #""first_k_dense_replace": 2, "moe_layer_freq": 1"#, Array(2..<8)),
        Case("deepseek-v3.2", #""first_k_dense_replace": 3"#, Array(3..<8)),
        Case(
            "deepseek-v3.2",
            #""first_k_dense_replace": 3, "mlp_layer_types": ["dense", "sparse", "dense", "sparse", "dense", "sparse", "dense", "sparse"]"#,
            [1, 3, 5, 7]
        ),
        Case(
            "ernie-4.5",
            #""moe_layer_start_index": 1, "moe_layer_end_index": 6, "moe_layer_interval": 2"#,
            [1, 3, 5]
        ),
        Case(
            "ernie-4.5",
            #""moe_layer_start_index": 3, "moe_layer_end_index": -1, "moe_layer_interval": 1"#,
            Array(3..<8)
        ),
        Case("jamba", #""expert_layer_period": 3, "expert_layer_offset": 2"#, [2, 5]),
        Case("llama-4", #""interleave_moe_layer_step": 2"#, [1, 3, 5, 7]),
        Case("llama-4", #""interleave_moe_layer_step": 2, "moe_layers": [0, 7]"#, [0, 7]),
        Case("afmoe", #""num_dense_layers": 2"#, Array(2..<8)),
        Case("lfm2-moe", #""num_dense_layers": 3"#, Array(3..<8)),
        Case("switch-transformers", #""encoder_sparse_step": 2, "decoder_sparse_step": 3"#, [1, 3, 5, 7]),
        Case("switch-transformers-decoder", #""encoder_sparse_step": 2, "decoder_sparse_step": 3"#, [1, 4]),
        Case("nllb", #""encoder_sparse_step": 4, "decoder_sparse_step": 2"#, [3, 7]),
        Case("nllb-decoder", #""encoder_sparse_step": 4, "decoder_sparse_step": 2"#, [1, 3, 5]),
        Case("mimo-v2-flash", #""moe_layer_freq": [0, 1, 1, 1, 1, 1, 0, 1]"#, [1, 2, 3, 4, 5, 7]),
        Case("deepseek-v2", #""first_k_dense_replace": 1, "moe_layer_freq": 2"#, [2, 4, 6]),
        Case("arctic", #""moe_layer_frequency": 2"#, [1, 3, 5, 7]),
    ]

    private func checkpoint(_ family: CheckpointFamily, _ sparse: [Int], dense: [Int]) throws -> Checkpoint {
        try folder.write(Self.tensors(family.name, sparse, dense: dense), as: "model.safetensors")
        return try Checkpoint(path: folder.path)
    }

    /// A router in each layer with experts, a dense network in others, attention in all.
    private static func tensors(_ family: String, _ sparse: [Int], dense: [Int]) -> [TestTensor] {
        let routers = [
            "mixtral": "block_sparse_moe.gate.weight", "arctic": "block_sparse_moe.gate.weight",
            "llama-4": "feed_forward.router.weight", "jamba": "feed_forward.router.weight",
            "lfm2-moe": "feed_forward.gate.weight", "afmoe": "mlp.router.gate.weight",
            "switch-transformers": "layer.1.mlp.router.classifier.weight",
            "switch-transformers-decoder": "layer.2.mlp.router.classifier.weight",
            "nllb": "ffn.router.classifier.weight", "nllb-decoder": "ffn.router.classifier.weight",
        ]
        let prefixes = [
            "llama-4": "language_model.model.layers.", "switch-transformers": "encoder.block.",
            "switch-transformers-decoder": "decoder.block.", "nllb": "model.encoder.layers.",
            "nllb-decoder": "model.decoder.layers.",
        ]
        func name(_ layer: Int, _ tail: String) -> String { "\(prefixes[family] ?? "model.layers.")\(layer).\(tail)" }
        return sparse.map { noisy(name($0, routers[family] ?? "mlp.gate.weight"), [4, 6]) }
            + dense.map { noisy(name($0, "mlp.wide.weight"), [6, 6]) }
            + (sparse + dense).map { noisy(name($0, "self_attn.q_proj.weight"), [6, 6]) }
    }

    private func said(_ test: Case, _ sparse: [Int], dense: [Int], chosen: [Int]? = nil) throws -> String? {
        let family = try CheckpointFamily.named(test.family)
        let checkpoint = try checkpoint(family, sparse, dense: dense)
        let numbers = family.layerNumbers(in: checkpoint)
        #expect(numbers == sparse)
        let configuration = try CheckpointConfiguration(json: Data(test.json.utf8), path: "config.json", of: family)
        var notes: [String] = []
        let error = failure {
            notes = try configuration.check(
                layers: chosen ?? numbers,
                areAll: chosen == nil,
                of: family,
                in: checkpoint
            )
        }
        return error ?? notes.first
    }

    @Test(arguments: cases) func areThoseOfTransformers(test: Case) throws {
        let dense = (0..<test.count).filter { !test.sparse.contains($0) }
        #expect(try said(test, test.sparse, dense: dense) == nil)
        // Without any tensor of one, the rest is a part of a model.
        let rest = Array(test.sparse.dropLast())
        let lost = test.sparse[rest.count]
        let there = try said(test, rest, dense: dense)
        #expect(there?.hasPrefix("a part of a model: ") == true, "\(there ?? "nothing")")
        #expect(there?.contains(", not in \(lost), of which") == true, "\(there ?? "nothing")")
        // One of them alone may be asked for, and no dense one.
        #expect(try said(test, rest, dense: [], chosen: [rest[0]]) == nil)
        for layer in dense.prefix(2) + [test.count] {
            let more = try said(test, [layer], dense: [], chosen: [layer])
            #expect(more?.hasSuffix("the tensors of layer \(layer) are experts") == true, "\(more ?? "nothing")")
        }
    }

    /// A dense network where the file says experts is a contradiction; where it says nothing of dense layers, it is not.
    @Test func denseLayers() throws {
        let qwen = Case("qwen3-moe", #""decoder_sparse_step": 1, "mlp_only_layers": []"#, [])
        let text = try said(qwen, Array(1..<8), dense: [0])
        #expect(
            text?.hasSuffix(
                "config.json says num_hidden_layers 8, mlp_only_layers [], decoder_sparse_step 1; the checkpoint has experts "
                    + "in layers 1–7, not in 0, allowed: the experts of all layers, or a model.layer that is there"
            ) == true,
            "\(text ?? "nothing")"
        )
        let silent = Case("glm-4.7-flash", "", [])
        #expect(try said(silent, Array(1..<8), dense: [0]) == nil)
        #expect(try said(silent, Array(1..<8), dense: [])?.contains(", not in 0, of which") == true)
    }

    @Test(
        "values that cannot be",
        arguments: [
            (#""mlp_only_layers": 3"#, #""mlp_only_layers" is 3; a list of numbers of layers is needed"#),
            (#""mlp_only_layers": ["a"]"#, #""mlp_only_layers" is a list; a list of numbers of layers is needed"#),
            (#""decoder_sparse_step": -1"#, #""decoder_sparse_step" is -1; a whole number of at least 0 is needed"#),
            (#""moe_layer_freq": 0"#, #""moe_layer_freq" is 0; a whole number of at least 1 is needed"#),
            (
                #""first_k_dense_replace": 1.5"#,
                #""first_k_dense_replace" is 1.5; a whole number of at least 0 is needed"#
            ),
            (#""mlp_layer_types": [1]"#, #""mlp_layer_types" is a list; a list of strings is needed"#),
            (
                #""mlp_layer_types": ["sparse"]"#,
                "config.json says num_hidden_layers 8 and has 1 values in mlp_layer_types, allowed: one for each layer"
            ),
            (
                #""layer_types": ["full_attention"]"#,
                "config.json says num_hidden_layers 8 and has 1 values in layer_types, allowed: one for each layer"
            ),
        ]
    )
    func wrongValues(key: String, message: String) {
        let json = #"{"num_hidden_layers": 8, \#(key)}"#
        let text = failure { _ = try CheckpointConfiguration(json: Data(json.utf8), path: "config.json") }
        #expect(text == "config.json: \(message)")
    }
}
