import Basics
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Experts

/// Matrices in 8-bit floats, against values times scales by the definition of each format.
@Suite("Quantised checkpoints") struct QuantizationTests {
    private let folder: TemporaryFolder
    private let block = SmallMixtral.block

    init() throws {
        folder = try TemporaryFolder()
    }

    /// E4M3 by its definition, for codes that are positive numbers.
    private static func float8(_ code: UInt8) -> Float {
        let (exponent, fraction) = (Int(code >> 3), Float(code & 7))
        if exponent == 0 { return fraction * 0x1p-9 }
        return (1 + fraction / 8) * Float(sign: .plus, exponent: exponent - 7, significand: 1)
    }

    private static func codes(_ name: String, _ count: Int) -> [UInt8] {
        noise(name, count).map { UInt8(abs($0) * 126) }
    }

    /// SmallMixtral with the gate matrix `[4, 6]` of expert 1 in 8-bit floats.
    private func tensors(_ scales: TestTensor...) -> [TestTensor] {
        let name = block + "experts.1.w1.weight"
        let matrix = TestTensor(name, .f8e4m3, [4, 6], Self.codes(name, 24))
        return SmallMixtral.tensors().filter { $0.name != name } + [matrix] + scales
    }

    /// The gate matrix of expert 1 of a checkpoint with this `quantization_config`.
    private func gate(_ config: String?, _ tensors: [TestTensor]) throws -> [Float]? {
        let path = try folder.write(tensors, as: "model.safetensors")
        if let config {
            try folder.write(#"{"model_type": "mixtral", "quantization_config": \#(config)}"#, as: "config.json")
        }
        let layer = try layer(path, "mixtral", 2)
        try layer.checkExperts()
        return try layer.expertParameters(1).gate
    }

    private func said(_ config: String?, _ tensors: [TestTensor]) -> String? {
        failure { _ = try gate(config, tensors) }?.replacing(folder.path, with: "X")
    }

    /// Values times scales, where `scale` gives the index of the scale of a row and column.
    private func expected(_ scales: [Float], _ scale: (Int, Int) -> Int) -> [Float] {
        Self.codes(block + "experts.1.w1.weight", 24).enumerated().map { index, code in
            Self.float8(code) * scales[scale(index / 6, index % 6)]
        }
    }

    /// A scale that is no number, and one that makes a product beyond singles.
    @Test func scalesMustBeFinite() throws {
        let config = #"{"quant_method": "fp8", "weight_block_size": [4, 6]}"#
        let name = block + "experts.1.w1.weight"
        func checked(_ scale: Float) -> String? {
            failure {
                let path = try folder.write(
                    tensors(TestTensor(name + "_scale_inv", [1, 1], [scale])),
                    as: "model.safetensors"
                )
                try folder.write(#"{"model_type": "mixtral", "quantization_config": \#(config)}"#, as: "config.json")
                try layer(path, "mixtral", 2).checkValues(ofExperts: true)
            }?.replacing(folder.path, with: "X")
        }
        let message = "X/model.safetensors: tensor \"\(name)_scale_inv\": is nan at [0]; finite numbers are allowed"
        #expect(checked(.nan) == message)
        #expect(checked(1) == nil)
        let large = said(config, tensors(TestTensor(name + "_scale_inv", [1, 1], [3e38])))
        #expect(large?.contains("tensor \"\(name)\": times its scales is inf at value ") == true, "\(large ?? "")")
    }

    private func scales(_ shape: [Int], suffix: String = "_scale_inv") -> TestTensor {
        noisy(block + "experts.1.w1.weight" + suffix, shape)
    }

    private func values(_ count: Int, suffix: String = "_scale_inv") -> [Float] {
        noise(block + "experts.1.w1.weight" + suffix, count)
    }

    @Test("no shape is named twice")
    func shapesOfScales() throws {
        let wrong = said(#"{"quant_method": "fp8", "weight_block_size": null}"#, tensors(scales([3])))
        let message = "has shape [3]; expected [1, 1] or [] or [1] or [4] or [4, 1], one scale for"
        #expect(wrong?.contains(message) == true, "\(wrong ?? "")")
    }

    @Test("blocks of any size", arguments: [(2, 3), (3, 2), (4, 6), (1, 1), (3, 4), (1, 6), (100, 5), (3, 100)])
    func blocks(rows: Int, columns: Int) throws {
        let (down, across) = ((4 + rows - 1) / rows, (6 + columns - 1) / columns)
        let config = #"{"quant_method": "fp8", "weight_block_size": [\#(rows), \#(columns)]}"#
        let found = try gate(config, tensors(scales([down, across])))
        #expect(found == expected(values(down * across)) { $0 / rows * across + $1 / columns })
        // As many scales as another size would have are no proof of that size.
        let wrong = said(config, tensors(scales([down + 1, across])))
        #expect(wrong?.contains("one scale for each block of \(rows) x \(columns) values of [4, 6]") == true)
    }

    @Test("a size that divides neither side has as many scales as 128 x 128")
    func sizesThatLookAlike() throws {
        let (rows, columns) = (192, 192)
        let name = block + "experts.1.w1.weight"
        func stored(_ matrix: String) -> String { block + "experts.0.\(matrix).weight" }
        var tensors = [noisy(block + "gate.weight", [1, columns])]
        for matrix in ["w1", "w3", "w2"] {
            tensors.append(TestTensor(stored(matrix), .f8e4m3, [rows, columns], Self.codes(name, rows * columns)))
            tensors.append(noisy(stored(matrix) + "_scale_inv", [2, 2]))
        }
        let path = try folder.write(tensors, as: "model.safetensors")
        let config = #"{"quantization_config": {"quant_method": "fp8", "weight_block_size": [96, 96]}}"#
        try folder.write(config, as: "config.json")
        let up = try layer(path, "mixtral", 2).expertParameters(0).up
        let scales = noise(stored("w3") + "_scale_inv", 4)
        let right = Self.codes(name, rows * columns).enumerated().map { index, code in
            Self.float8(code) * scales[index / columns / 96 * 2 + index % columns / 96]
        }
        #expect(up == right)
    }

    /// One scale per output, or per matrix, by every method that has it.
    @Test(arguments: [
        (#"{"quant_method": "fbgemm_fp8", "modules_to_not_convert": ["lm_head"]}"#, [4, 1]),
        (#"{"quant_method": "fbgemm_fp8"}"#, [4]),
        (#"{"quant_method": "fp8", "activation_scheme": "dynamic", "weight_block_size": null}"#, [4, 1]),
        (#"{"quant_method": "fp8"}"#, []),
        (#"{"quant_method": "fp8"}"#, [1]),
        (#"{"quant_method": "fp8"}"#, [1, 1]),
        (#"{"quant_method": "modelopt", "quant_algo": "FP8", "ignore": ["*self_attn*"]}"#, []),
        (#"{"quant_method": "modelopt", "quantization": {"quant_algo": "FP8", "exclude_modules": []}}"#, [1]),
        (#"{"quant_method": "modelopt", "quant_algo": "FP8_PER_CHANNEL_PER_TOKEN"}"#, [4]),
        (compressed(#""strategy": "channel""#), [4, 1]),
        (compressed(#""strategy": "tensor""#), [1]),
        (compressed(#""strategy": "block", "block_structure": [4, 6]"#), [1, 1]),
        (compressed(#""strategy": "channel""#, targets: #""re:.*block_sparse_moe.*""#), [4, 1]),
    ])
    func coarseScales(config: String, shape: [Int]) throws {
        let isPerOutput = shape.first == 4
        let found = try gate(config, tensors(scales(shape, suffix: "_scale")))
        #expect(found == expected(values(isPerOutput ? 4 : 1, suffix: "_scale")) { row, _ in isPerOutput ? row : 0 })
    }

    private static func compressed(
        _ weights: String,
        targets: String = #""Linear""#,
        type: String = "float",
        bits: Int = 8,
        ignore: String = ""
    ) -> String {
        """
        {"quant_method": "compressed-tensors", "format": "float-quantized", "ignore": ["lm_head"\(ignore)],
         "config_groups": {"group_0": {"targets": [\(targets)],
         "weights": {"num_bits": \(bits), "type": "\(type)", "symmetric": true, \(weights)}}}}
        """
    }

    @Test("without config.json, as DeepSeek-V3 has it, and that is said")
    func unstated() throws {
        let found = try gate(nil, tensors(scales([1, 1])))
        #expect(found == expected(values(1)) { _, _ in 0 })
        let source = try CheckpointSource(
            checkpoint: Checkpoint(path: "\(folder.path)/model.safetensors"),
            family: .named("mixtral"),
            layers: [2]
        )
        #expect(source.notes == [], "expert 0 is not quantised")
    }

    @Test("ModelOpt's own file counts where config.json is silent")
    func modelOptFile() throws {
        try folder.write(#"{"model_type": "mixtral"}"#, as: "config.json")
        #expect(said(nil, tensors(scales([], suffix: "_scale")))?.contains("has no quantization_config") == true)
        try folder.write(
            #"{"quantization": {"quant_algo": "FP8", "exclude_modules": ["lm_head"]}}"#,
            as: "hf_quant_config.json"
        )
        let found = try gate(nil, tensors(scales([], suffix: "_scale")))
        #expect(found == expected(values(1, suffix: "_scale")) { _, _ in 0 })
        try folder.write(#"{"quantization": {"quant_algo": "NVFP4"}}"#, as: "hf_quant_config.json")
        #expect(
            said(nil, SmallMixtral.tensors())?.contains("found quant_algo \"NVFP4\" of modelopt, allowed: ") == true
        )
    }

    @Test("a router in 8-bit floats is read with its scales")
    func router() throws {
        let name = block + "gate.weight"
        let gate = TestTensor(name, .f8e4m3, [3, 6], Self.codes(name, 18))
        let tensors = SmallMixtral.tensors().filter { $0.name != name } + [gate, noisy(name + "_scale", [3, 1])]
        let path = try folder.write(tensors, as: "model.safetensors")
        try folder.write(#"{"quantization_config": {"quant_method": "fbgemm_fp8"}}"#, as: "config.json")
        let scales = noise(name + "_scale", 3)
        let right = Self.codes(name, 18).enumerated().map { Self.float8($1) * scales[$0 / 6] }
        #expect(try layer(path, "mixtral", 2).routerProjection().values == right)
    }

    @Test(
        "stacks have scales for each of their matrices",
        arguments: [[3, 2, 3], [3, 8], [3, 8, 1], [3], [3, 1, 1], [1]]
    )
    func stacks(shape: [Int]) throws {
        let (name, down) = (block + "experts.gate_up_proj", block + "experts.down_proj")
        let path = try folder.write(
            [
                noisy(block + "gate.weight", [3, 6]), TestTensor(name, .f8e4m3, [3, 8, 6], Self.codes(name, 144)),
                noisy(name + "_scale_inv", shape), noisy(down, [3, 6, 4]),
            ],
            as: "model.safetensors"
        )
        let size = shape == [3, 2, 3] ? "[4, 2]" : "null"
        let config = #"{"quantization_config": {"quant_method": "fp8", "weight_block_size": \#(size)}}"#
        try folder.write(config, as: "config.json")
        let found = try layer(path, "mixtral", 2).expertParameters(2)
        let scales = noise(name + "_scale_inv", shape.reduce(1, *))
        func right(_ row: Int, _ column: Int) -> Float {
            let scale =
                switch shape {
                case [3, 2, 3]: scales[2 * 6 + row / 4 * 3 + column / 2]
                case [3, 8], [3, 8, 1]: scales[2 * 8 + row]
                case [1]: scales[0]
                default: scales[2]
                }
            return Self.float8(Self.codes(name, 144)[(2 * 8 + row) * 6 + column]) * scale
        }
        #expect(found.gate == (0..<24).map { right($0 / 6, $0 % 6) })
        #expect(found.up == (0..<24).map { right(4 + $0 / 6, $0 % 6) })
    }

    @Test(
        "what is not read is refused by name",
        arguments: [
            (#"{"quant_method": "awq", "bits": 4}"#, #"quant_method "awq" in quantization_config"#),
            (#"{"quant_method": "gptq", "bits": 4}"#, #"quant_method "gptq" in quantization_config"#),
            (#"{"quant_method": "bitsandbytes", "load_in_4bit": true}"#, #"quant_method "bitsandbytes" in"#),
            (#"{"quant_method": "auto-round"}"#, #"quant_method "auto-round" in"#),
            (#"{"quant_method": "FP8"}"#, #"quant_method "FP8" in"#),
            (#"{"load_in_8bit": true}"#, "quantization_config without quant_method"),
            (#"{"quant_method": "fp8", "fmt": "e5m2"}"#, #"fmt "e5m2" in"#),
            (#"{"quant_method": "fp8", "expert_dtype": "fp4"}"#, #"expert_dtype "fp4" in"#),
            (compressed(#""strategy": "group""#, type: "int", bits: 4), "4-bit int weights in config_groups.group_0"),
            (compressed(#""strategy": "channel""#, type: "int"), "8-bit int weights in config_groups.group_0"),
            (compressed(#""strategy": "tensor_group""#, bits: 4), "4-bit float weights in config_groups.group_0"),
            (compressed(#""strategy": "group""#), #"strategy "group" in config_groups.group_0"#),
            (#"{"quant_method": "compressed-tensors"}"#, "quantization_config without config_groups"),
            (
                #"{"quant_method": "compressed-tensors", "config_groups": {}, "sparsity_config": {"format": "sparse-24"}}"#,
                #"sparsity_config with format "sparse-24" in"#
            ),
            (#"{"quant_method": "modelopt", "quant_algo": "NVFP4"}"#, #"quant_algo "NVFP4" of modelopt"#),
            (#"{"quant_method": "modelopt", "quant_algo": "W4A16_AWQ"}"#, #"quant_algo "W4A16_AWQ" of modelopt"#),
        ]
    )
    func refused(config: String, reason: String) {
        let found = said(config, SmallMixtral.tensors())
        #expect(found?.contains("found \(reason)") == true, "\(found ?? "nothing")")
        #expect(found?.contains("allowed: ") == true)
    }

    @Test(
        "values of another kind are refused",
        arguments: [
            #"{"quant_method": "fp8", "weight_block_size": [0, 128]}"#,
            #"{"quant_method": "fp8", "weight_block_size": 128}"#,
            #"{"quant_method": "fp8", "weight_block_size": [128]}"#,
            #"{"quant_method": "fp8", "weight_block_size": [1.5, 2]}"#,
            #"{"quant_method": 8}"#, #"{"quant_method": "fp8", "modules_to_not_convert": "lm_head"}"#, "[]", "true",
            #"{"quant_method": "fp8", "modules_to_not_convert": ["a("]}"#,
        ]
    )
    func wrongValues(config: String) {
        #expect(said(config, SmallMixtral.tensors()) != nil)
    }

    @Test(
        "modules that stay as they are",
        arguments: [
            (#"["model.layers.2.block_sparse_moe"]"#, true), (#"["model.layers.2"]"#, true),
            (#"["model.layers"]"#, true),
            (#"["model.layers.2.block_sparse_moe.experts.1.w1"]"#, true), (#"["w1"]"#, true),
            (#"["experts.1.w1"]"#, true),
            (#"["model.layers.*.block_sparse_moe.experts.1"]"#, true), (#"["re:.*experts\\.1\\."]"#, true),
            (#"["re:.*gate$", "lm_head"]"#, false), (#"["model.layers.2.block_sparse_moe.experts.1.w"]"#, false),
            (#"["model.layers.20"]"#, false), (#"["1"]"#, false), (#"["experts.0"]"#, false), ("[]", false),
            (#"["re:model"]"#, true), (#"["model.layers.[2].block"]"#, false),
        ]
    )
    func ignored(list: String, isIgnored: Bool) throws {
        let config = #"{"quant_method": "fp8", "weight_block_size": [4, 6], "modules_to_not_convert": \#(list)}"#
        let found = said(config, tensors(scales([1, 1])))
        guard isIgnored else {
            #expect(found == nil)
            return
        }
        #expect(found?.contains("is F8_E4M3, but the quantization_config (fp8) leaves \"model.layers.2.block") == true)
        // A matrix of singles there is what the list says.
        #expect(try gate(config, SmallMixtral.tensors()) == SmallMixtral.parameters(1).gate)
    }

    @Test(
        "a pattern that would hang is refused by name",
        .timeLimit(.minutes(1)),
        arguments: [
            "re:(([a-z0-9_.])+)+!", "(([a-z0-9_.])+)+!", "re:(a|[a-z0-9_.]+)*!", "re:([a-z0-9_.]*)*([a-z0-9_.]*)*!",
            "re:(?:(?:[a-z0-9_.]|.)|.)+!",
        ]
    )
    func endlessPattern(entry: String) {
        let text = entry.replacing("\\", with: "\\\\")
        for key in ["modules_to_not_convert", "ignore"] {
            let found = said(#"{"quant_method": "fbgemm_fp8", "\#(key)": ["\#(text)"]}"#, tensors(scales([4])))
            #expect(found?.contains("names modules by \(Quoted.text(entry)), which takes too long") == true)
        }
        let targets = Self.compressed(#""strategy": "channel""#, targets: #""\#(text)""#)
        #expect(
            said(targets, tensors(scales([4], suffix: "_scale")))?.contains("which takes too long to match") == true
        )
    }

    @Test("number and length of patterns have bounds")
    func manyPatterns() {
        func said(_ entries: [String]) -> String? {
            let list = entries.map { "\"\($0)\"" }.joined(separator: ", ")
            return self.said(
                #"{"quant_method": "fbgemm_fp8", "ignore": [\#(list)]}"#,
                tensors(scales([4], suffix: "_scale"))
            )
        }
        #expect(said(Array(repeating: "re:x", count: 4096)) == nil)
        #expect(said(Array(repeating: "re:x", count: 4097))?.contains("more than 4096 patterns") == true)
        #expect(said(["re:" + String(repeating: "x", count: 509)]) == nil)
        let long = said(["re:" + String(repeating: "x", count: 510)])
        #expect(long?.contains("a pattern of 513 characters, allowed: at most 512") == true)
        // Plain names are no patterns.
        #expect(said((0..<5000).map { "x\($0)" } + [String(repeating: "x", count: 600)]) == nil)
    }

    @Test(
        "a ModelOpt pattern has no special character but the star",
        arguments: [
            ("model.layers.2*", true), ("*experts.1*", true), ("*w1", true), ("model*experts*w1", true), ("*", true),
            ("**w1**", true), ("model*w", false), ("model*w1.", false), ("layers*", false),
            ("*experts*experts*", false),
            ("model.layers[2]*", false), ("model.(layers|x)*", false), ("(*", false), ("model+*", false), ("[*", false),
            ("model?layers*", false), ("modelxlayers*", false), ("*w1$*", false), ("\\\\E*", false),
            (String(repeating: "*s", count: 12) + "*!", false), (String(repeating: "*e", count: 4) + "*", true),
        ]
    )
    func globs(entry: String, isIgnored: Bool) {
        let config = #"{"quant_method": "modelopt", "quant_algo": "FP8", "ignore": ["\#(entry)"]}"#
        let found = said(config, tensors(scales([], suffix: "_scale")))
        #expect(isIgnored ? found?.contains("leaves \"model.layers.2.block") == true : found == nil, "\(found ?? "")")
    }

    @Test("scales and types that do not belong together")
    func contradictions() throws {
        let config = #"{"quant_method": "fp8", "weight_block_size": [4, 6]}"#
        #expect(
            said(config, tensors(scales([1, 1]), scales([1, 1], suffix: "_scale")))?.contains("two tensors") == true
        )
        #expect(said(config, tensors())?.contains("and there is no ") == true)
        let plain = SmallMixtral.tensors() + [scales([1, 1])]
        #expect(said(config, plain)?.contains("is F32 and not F8_E4M3, with scales beside it in ") == true)
        let bytes = TestTensor(block + "experts.1.w1.weight_scale_inv", .u8, [1, 1], [127])
        #expect(said(config, tensors(bytes))?.contains("is U8; scales are F64, F32, F16 or BF16") == true)
        #expect(said(#"{"quant_method": "mxfp4"}"#, tensors(scales([1, 1])))?.contains("has no 8-bit floats") == true)
        // Scales of the rows that a matrix is multiplied with are not followed, and known.
        let inputs = noisy(block + "experts.1.w1.input_scale", [])
        #expect(try gate(config, tensors(scales([1, 1]), inputs)) == expected(values(1)) { _, _ in 0 })
    }
}
