import Experts
import MoE
import Tensors
import TestSupport
import Testing

/// Other prefixes under which a family of the oracles stands.
@Suite("Prefixes of checkpoints") struct PrefixTests {
    @Test(
        "another prefix",
        arguments: [
            ("switch_transformers", "encoder.block.3.layer.1.mlp.", "decoder.block.3.layer.2.mlp.", "-decoder"),
            ("nllb_moe", "model.encoder.layers.3.", "model.decoder.layers.3.", "-decoder"),
            ("llama4", "language_model.model.layers.3.", "model.layers.3.", ""),
            ("deepseek_v3", "model.layers.3.", "language_model.model.layers.3.", ""),
            ("deepseek_v2", "model.layers.3.", "language.model.layers.3.", ""),
            ("qwen3_moe", "model.layers.3.", "thinker.model.layers.3.", ""),
            ("glm4v_moe", "model.language_model.layers.3.", "model.layers.3.", ""),
        ]
    )
    func otherPrefix(name: String, from: String, to: String, suffix: String) throws {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        let oracle = try OracleCase.fixture(name)
        let file = try SafetensorsFile(path: oracle.weights)
        var tensors: [TestTensor] = []
        for name in file.names where name.hasPrefix(from) {
            let view = try file.tensor(named: name)
            let values = try view.floats(rows: 0..<view.rows)
            tensors.append(TestTensor(to + name.dropFirst(from.count), view.shape, values))
        }
        let path = try folder.write(tensors, as: "model.safetensors")
        let expected = try oracle.checkpointLayer()
        let found = try layer(path, expected.family.name + suffix, 3)
        #expect(try found.routerProjection() == expected.routerProjection())
        #expect(try found.expertParameters(5) == expected.expertParameters(5))
        if !suffix.isEmpty {
            let text = failure { _ = try layer(path, expected.family.name, 3) }
            #expect(text?.hasSuffix("what fits is \(expected.family.name)\(suffix)") == true)
        }
    }
}
