import Experts
import Foundation
import Tensors
import TestSupport
import Testing

/// Checkpoints of one file, of several, and behind an index.
@Suite("Files of checkpoints") struct CheckpointFilesTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func writeIndex(_ map: [String: String], name: String = "model.safetensors.index.json") throws {
        let json = try JSONSerialization.data(withJSONObject: ["metadata": ["total_size": 1], "weight_map": map])
        try folder.write(json, as: name)
    }

    private func experts(_ path: String) throws {
        let layer = try layer(path, "mixtral", 2)
        for expert in 0..<3 { #expect(try layer.expertParameters(expert) == SmallMixtral.parameters(expert)) }
    }

    @Test func severalFilesOfAFolder() throws {
        let tensors = SmallMixtral.tensors()
        try folder.write(Array(tensors[..<5]), as: "model-00001-of-00002.safetensors")
        try folder.write(Array(tensors[5...]), as: "model-00002-of-00002.safetensors")
        try folder.write("not a checkpoint", as: ".model.safetensors")
        try experts(folder.path)
        let checkpoint = try Checkpoint(path: folder.path)
        #expect(checkpoint.names == tensors.map(\.name).sorted())
        #expect(try checkpoint.tensor(named: tensors[7].name).path.hasSuffix("model-00002-of-00002.safetensors"))
    }

    /// A download that was interrupted, or a file that was forgotten.
    @Test func setsThatAreNotWhole() throws {
        let tensors = SmallMixtral.tensors()
        func said(_ names: [String]) throws -> String? {
            let folder = try TemporaryFolder()
            for (name, tensor) in zip(names, tensors) { try folder.write([tensor], as: name) }
            return failure { _ = try Checkpoint(path: folder.path) }?.replacing(folder.path, with: "DIR")
        }
        let allowed = "is not there, allowed: all files of a set, or an index"
        #expect(
            try said(["model-00001-of-00002.safetensors"])
                == "DIR: holds 1 of the 2 files \"model-…-of-00002.safetensors\": number 2 \(allowed)"
        )
        #expect(
            try said(["a-b-2-of-4.safetensors", "a-b-4-of-4.safetensors", "whole.safetensors"])
                == "DIR: holds 2 of the 4 files \"a-b-…-of-4.safetensors\": number 1, 3 \(allowed)"
        )
        // A set that counts from 0, and names that are no numbers.
        #expect(
            try said(["m-00000-of-00002.safetensors", "m-00001-of-00002.safetensors", "out-of-2.safetensors"]) == nil
        )
        // One file that is named by itself is meant.
        let path = try folder.write(tensors, as: "model-00001-of-00002.safetensors")
        try experts(path)
    }

    @Test func adaptersAreRefused() throws {
        let tensors = SmallMixtral.tensors()
        let path = try folder.write(tensors, as: "model.safetensors")
        try folder.write("{}", as: "adapter_config.json")
        let refusal = "which is not read and would change the weights, allowed: weights into which it was merged"
        #expect(
            failure { _ = try Checkpoint(path: folder.path) }
                == "\(folder.path): holds an adapter, \"adapter_config.json\", \(refusal), or model.checkpoint with one file or index by name"
        )
        try experts(path)
        for name in ["base_model.model.model.norm.weight", SmallMixtral.block + "experts.0.w1.lora_A.weight"] {
            let other = try folder.write(tensors + [noisy(name, [2, 6])], as: "other.safetensors")
            let text = failure { _ = try Checkpoint(path: other) }
            #expect(text == "\(other): tensor \"\(name)\": is of an adapter, \(refusal)")
        }
    }

    /// transformers takes the single file, other engines the index.
    @Test func singleFileBesideAnIndex() throws {
        let tensors = SmallMixtral.tensors()
        try folder.write(tensors, as: "a.safetensors")
        try folder.write(tensors, as: "model.safetensors")
        try writeIndex(Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, "a.safetensors") }))
        #expect(
            failure { _ = try Checkpoint(path: folder.path) }
                == "\(folder.path): holds model.safetensors and an index, model.safetensors.index.json, that does not name it, "
                + "allowed: model.checkpoint with one of the two"
        )
        for name in ["model.safetensors", "model.safetensors.index.json"] { try experts(folder.path(name)) }
        try writeIndex(Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, "model.safetensors") }))
        try experts(folder.path)
    }

    @Test func weightsNamedByTheConfiguration() throws {
        try folder.write([noisy("x", [1])], as: "model.safetensors")
        try folder.write(SmallMixtral.tensors(), as: "other.safetensors")
        try folder.write(#"{"transformers_weights": "other.safetensors"}"#, as: "config.json")
        try experts(folder.path)
        try folder.write(#"{"transformers_weights": "../x.safetensors"}"#, as: "config.json")
        #expect(
            failure { _ = try Checkpoint(path: folder.path) }
                == #"\#(folder.path): config.json names the weights as transformers_weights "../x.safetensors", which is not a file "#
                + "beside it"
        )
    }

    @Test func pointersOfGitLFS() throws {
        let text = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"
        for name in ["model.safetensors", "index.json"] {
            let path = try folder.write(text, as: name)
            #expect(
                failure { _ = try Checkpoint(path: path) }
                    == "\(path): is a pointer of git-lfs in the place of a file; fetch the file by git lfs pull"
            )
        }
    }

    @Test func layersElsewhereAreNoted() throws {
        func notes(_ others: [String]) throws -> [String] {
            let path = try folder.write(SmallMixtral.tensors() + others.map { noisy($0, [1]) }, as: "model.safetensors")
            return try CheckpointSource(checkpoint: Checkpoint(path: path), family: .named("mixtral"), layers: [2])
                .notes
        }
        #expect(
            try notes([
                "lm_head.weight", "model.embed_tokens.weight", "model.visual.blocks.0.mlp.fc1.weight", "io.input",
                "model.layers.1.mlp.up_proj.weight", "mtp.layers.0.mlp.gate.weight",
            ]) == []
        )
        #expect(
            try notes(["optimizer.state.0.exp_avg", "ema.layers.0.a", "ema.layers.1.a"]) == [
                "tensors outside the layers of family mixtral are not read: \"ema.layers\" (2), \"optimizer.state\" (1)"
            ]
        )
    }

    @Test func indexOfAFolder() throws {
        let tensors = SmallMixtral.tensors()
        try folder.write(Array(tensors[..<5]), as: "a.safetensors")
        try folder.write(Array(tensors[5...]), as: "b.safetensors")
        // Files that the index does not name are not looked at, and those that it names not before they are needed.
        try folder.write("not a checkpoint", as: "c.safetensors")
        try folder.write("not a checkpoint", as: "d.safetensors")
        var map = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0 < 5 ? "a" : "b") })
        map["other"] = "d"
        try writeIndex(map.mapValues { $0 + ".safetensors" })
        try experts(folder.path)
        try experts(folder.path("model.safetensors.index.json"))
        let checkpoint = try Checkpoint(path: folder.path)
        #expect(checkpoint.contains("other"))
        let text = failure { _ = try checkpoint.tensor(named: "other") }
        #expect(text?.hasPrefix(folder.path("d.safetensors") + ": ") == true)
    }

    @Test func indexThatIsWrong() throws {
        let index = folder.path("model.safetensors.index.json")
        func said(_ map: [String: String], then body: (Checkpoint) throws -> Void = { _ in }) throws -> String? {
            try writeIndex(map)
            return failure { try body(Checkpoint(path: folder.path)) }
        }
        try folder.write([noisy("x", [1])], as: "a.safetensors")
        #expect(try said(["x": "a.safetensors"]) == nil)
        #expect(
            try said(["x": "b.safetensors"]) == "\(index): names file \"b.safetensors\", which does not exist"
        )
        for outside in ["../a.safetensors", "/a.safetensors", "", "a/./b"] {
            let text = try said(["x": outside])
            #expect(text == "\(index): names file \"\(outside)\", which is outside its folder")
        }
        let text = try said(["y": "a.safetensors"]) { _ = try $0.tensor(named: "y") }
        #expect(text == "\(index): tensor \"y\": is said to be in \"a.safetensors\", which does not hold it")
        // Whichever tensor of the file is asked for.
        let other = try said(["x": "a.safetensors", "z": "a.safetensors"]) { _ = try $0.tensor(named: "x") }
        #expect(other == "\(index): tensor \"z\": is said to be in \"a.safetensors\", which does not hold it")
        #expect(try said([:]) == "\(index): its \"weight_map\" is empty")
    }

    @Test(
        "an index that is no index",
        arguments: [
            ("", "is not valid JSON, or holds a number that is out of range or not whole"),
            ("[]", "holds something else than an object at the top level"),
            ("{}", "has no weight_map"),
            (#"{"weight_map": 3}"#, "holds something else than an object at weight_map"),
            (#"{"weight_map": {"x": null}}"#, "holds null instead of a string at weight_map.x"),
            (#"{"weight_map": {"x": ["a"]}}"#, "holds something else than a string at weight_map.x"),
        ]
    )
    func brokenIndex(text: String, message: String) throws {
        try folder.write(text, as: "index.json")
        let path = folder.path("index.json")
        #expect(failure { _ = try Checkpoint(path: path) } == "\(path): \(message)")
    }

    @Test func pathsThatAreNoCheckpoint() throws {
        let missing = folder.path("nowhere")
        #expect(failure { _ = try Checkpoint(path: missing) } == "\(missing): does not exist")
        let empty = failure { _ = try Checkpoint(path: folder.path) }
        let wanted = "holds no .safetensors file and no model.safetensors.index.json"
        #expect(empty == "\(folder.path): \(wanted)")
        try folder.write("", as: "weights.bin")
        let bin = failure { _ = try Checkpoint(path: folder.path("weights.bin")) }
        #expect(bin?.contains("is not named as a checkpoint; allowed are a .safetensors file, an index") == true)
        try folder.write("short", as: "weights.safetensors")
        let short = failure { _ = try Checkpoint(path: folder.path("weights.safetensors")) }
        #expect(short?.contains("has 5 bytes; a safetensors file has at least 8") == true)
    }

    @Test func oneTensorInTwoFiles() throws {
        let first = try folder.write([noisy("x", [1])], as: "a.safetensors")
        let second = try folder.write([noisy("x", [1])], as: "b.safetensors")
        let text = failure { _ = try Checkpoint(path: folder.path) }
        #expect(text == "\(second): tensor \"x\": stands in \(first) as well")
    }

    @Test func partsThatAreNotEqual() throws {
        let block = SmallMixtral.block
        let mlp = "model.layers.2.mlp."
        try folder.write([noisy(block + "gate.weight", [1, 6])], as: "m-TP-common.safetensors")
        for (part, rows) in [2, 3].enumerated() {
            var tensors: [TestTensor] = []
            for head in [block + "experts.0.w", mlp] {
                let names = head == mlp ? ["gate_proj", "up_proj", "down_proj"] : ["1", "3", "2"]
                tensors += zip(names, [[rows, 6], [rows, 6], [6, rows]]).map { noisy(head + $0 + ".weight", $1) }
            }
            try folder.write(tensors, as: "m-TP-00\(part).safetensors")
        }
        let text = failure { _ = try layer(folder.path, "grok-2", 2).expertParameters(0) }
        #expect(
            text?.hasSuffix(
                "m-TP-001.safetensors: tensor \"\(block)experts.0.w1.weight\": has shape [3, 6]; expected [2, 6]"
            ) == true
        )
        let gate = failure { _ = try Checkpoint(path: folder.path).tensor(named: block + "experts.0.w1.weight") }
        #expect(gate?.contains("is cut into 2 tensor-parallel parts") == true)
    }
}
