import Experts
import Foundation
import MoE
import Tensors
import TestSupport
import Testing

/// Layouts that no oracle has, against the matrices that they were made from.
@Suite("Layouts of checkpoints") struct LayoutTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("experts as transformers 5 keeps them in memory")
    func inMemoryStacks() throws {
        let block = SmallMixtral.block
        let experts = (0..<3).map(SmallMixtral.parameters)
        let path = try folder.write(
            [
                noisy(block + "gate.weight", [3, 6]),
                TestTensor(block + "experts.gate_up_proj", [3, 8, 6], experts.flatMap { ($0.gate ?? []) + $0.up }),
                TestTensor(block + "experts.down_proj", [3, 6, 4], experts.flatMap(\.down)),
            ],
            as: "fused.safetensors"
        )
        for expert in 0..<3 {
            #expect(try layer(path, "mixtral", 2).expertParameters(expert) == experts[expert])
        }
    }

    /// Qwen3-VL-MoE stores stacks to be multiplied from the right on the hub, and as in memory when transformers 5 saves
    /// them; whatever the widths, one of the two tensors tells which.
    @Test("stacks of one name either way round", arguments: [(6, 4), (4, 4), (8, 4), (4, 8)])
    func stacksEitherWayRound(hidden: Int, ffn: Int) throws {
        let block = "model.language_model.layers.2.mlp."
        let names = ["gate", "up", "down"]
        func matrix(_ expert: Int, _ name: String) -> [Float] { noise("\(expert).\(name)", hidden * ffn) }
        func write(_ gateUp: [[Float]], _ down: [[Float]], isTransposed: Bool) throws -> String {
            try folder.write(
                [
                    noisy(block + "gate.weight", [3, hidden]),
                    TestTensor(
                        block + "experts.gate_up_proj",
                        isTransposed ? [3, hidden, 2 * ffn] : [3, 2 * ffn, hidden],
                        gateUp.flatMap(\.self)
                    ),
                    TestTensor(
                        block + "experts.down_proj",
                        isTransposed ? [3, ffn, hidden] : [3, hidden, ffn],
                        down.flatMap(\.self)
                    ),
                ],
                as: "\(isTransposed).safetensors"
            )
        }
        let gateUp = (0..<3).map { matrix($0, names[0]) + matrix($0, names[1]) }
        let down = (0..<3).map { matrix($0, names[2]) }
        let paths = [
            try write(gateUp, down, isTransposed: false),
            try write(
                gateUp.map { transposed($0, rows: 2 * ffn, columns: hidden) },
                down.map { transposed($0, rows: hidden, columns: ffn) },
                isTransposed: true
            ),
        ]
        for path in paths {
            let found = try layer(path, "qwen3-vl-moe", 2)
            #expect(found.expertShape.ffn == ffn)
            let parameters = try found.expertParameters(1)
            #expect(parameters.gate == matrix(1, names[0]) && parameters.up == matrix(1, names[1]))
            #expect(parameters.down == matrix(1, names[2]))
        }
    }

    /// Maverick has experts in every other layer, and a dense network in those between.
    @Test("Llama-4 with alternating layers")
    func alternatingLayers() throws {
        var tensors: [TestTensor] = []
        for number in 0..<4 {
            let block = "language_model.model.layers.\(number).feed_forward."
            let head = block + (number % 2 == 1 ? "shared_expert." : "")
            tensors += [("gate_proj", [4, 6]), ("up_proj", [4, 6]), ("down_proj", [6, 4])]
                .map { noisy(head + $0.0 + ".weight", $0.1) }
            guard number % 2 == 1 else { continue }
            tensors += [
                noisy(block + "router.weight", [2, 6]), noisy(block + "experts.gate_up_proj", [2, 6, 8]),
                noisy(block + "experts.down_proj", [2, 4, 6]),
            ]
        }
        let path = try folder.write(tensors, as: "alternating.safetensors")
        let family = try CheckpointFamily.named("llama-4")
        #expect(try family.layerNumbers(in: Checkpoint(path: path)) == [1, 3])
        let found = try layer(path, "llama-4", 3)
        #expect(found.expertShape.ffn == 4 && found.sharedShape?.ffn == 4)
        let text = failure { _ = try layer(path, "llama-4", 2) }
        #expect(
            text?.hasSuffix("no mixture-of-experts layer 2 of family llama-4; its layers are 1, 3") == true,
            "\(text ?? "")"
        )
    }

    @Test("F8_E4M3 with block scales")
    func float8Blocks() throws {
        // 130 x 200 values need 2 x 2 blocks, of which three are cut off.
        let (experts, hidden, ffn) = (2, 200, 130)
        let block = "model.layers.5.mlp."
        var tensors = [noisy(block + "gate.weight", [experts, hidden])]
        tensors.append(noisy(block + "gate.e_score_correction_bias", [experts]))
        var expected: [String: [Float]] = [:]
        for head in ["experts.0.", "experts.1.", "shared_experts."] {
            for (name, rows, columns) in [
                ("gate_proj", ffn, hidden), ("up_proj", ffn, hidden), ("down_proj", hidden, ffn),
            ] {
                let full = block + head + name + ".weight"
                let codes = noise(full, rows * columns).map { UInt8(abs($0) * 126) }
                let scales = noise(full + "_scale_inv", 4)
                tensors.append(TestTensor(full, .f8e4m3, [rows, columns], codes))
                tensors.append(TestTensor(full + "_scale_inv", [2, 2], scales))
                expected[full] = codes.enumerated().map { index, code in
                    let (row, column) = (index / columns, index % columns)
                    return float8(code) * scales[row / 128 * 2 + column / 128]
                }
            }
        }
        let found = try layer(folder.write(tensors, as: "fp8.safetensors"), "deepseek-v3", 5)
        #expect(found.expertShape == ExpertShape(hidden: hidden, ffn: ffn, activation: .swiglu))
        let parameters = try found.expertParameters(1)
        #expect(parameters.gate == expected[block + "experts.1.gate_proj.weight"])
        #expect(parameters.up == expected[block + "experts.1.up_proj.weight"])
        #expect(parameters.down == expected[block + "experts.1.down_proj.weight"])
        #expect(try found.sharedExpertParameters()?.down == expected[block + "shared_experts.down_proj.weight"])
        #expect(try found.selectionBias() == noise(block + "gate.e_score_correction_bias", experts))
    }

    /// E4M3 by its definition, for codes that are positive numbers.
    private func float8(_ code: UInt8) -> Float {
        let (exponent, fraction) = (Int(code >> 3), Float(code & 7))
        if exponent == 0 { return fraction * 0x1p-9 }
        return (1 + fraction / 8) * Float(sign: .plus, exponent: exponent - 7, significand: 1)
    }

    @Test("gpt-oss in MXFP4")
    func mxfp4() throws {
        let (experts, hidden, ffn) = (2, 64, 32)
        let block = "model.layers.0.mlp."
        func bytes(_ name: String, _ count: Int) -> [UInt8] { noise(name, count).map { UInt8(($0 + 1) * 127.9) } }
        let gateUp = bytes("gate_up", experts * 2 * ffn * hidden / 2)
        let gateUpScales = bytes("scales", experts * 2 * ffn * hidden / 32).map { 117 + $0 % 20 }
        let down = bytes("down", experts * hidden * ffn / 2)
        let downScales = [UInt8](repeating: 127, count: experts * hidden * ffn / 32)
        let path = try folder.write(
            [
                noisy(block + "router.weight", [experts, hidden]),
                noisy(block + "router.bias", [experts]),
                TestTensor(block + "experts.gate_up_proj_blocks", .u8, [experts, 2 * ffn, hidden / 32, 16], gateUp),
                TestTensor(block + "experts.gate_up_proj_scales", .u8, [experts, 2 * ffn, hidden / 32], gateUpScales),
                noisy(block + "experts.gate_up_proj_bias", [experts, 2 * ffn]),
                TestTensor(block + "experts.down_proj_blocks", .u8, [experts, hidden, ffn / 32, 16], down),
                TestTensor(block + "experts.down_proj_scales", .u8, [experts, hidden, ffn / 32], downScales),
                noisy(block + "experts.down_proj_bias", [experts, hidden]),
            ],
            as: "mxfp4.safetensors"
        )
        try layer(path, "gpt-oss", 0).checkValues(ofExperts: true)
        // An exponent of 255 is no number (OCP MX v1.0, 5.4.1).
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let place = try #require(bytes.range(of: Data(gateUpScales))).lowerBound + 3
        bytes[place] = 255
        let damaged = try folder.write(Array(bytes), as: "damaged.safetensors")
        let refused = failure { try layer(damaged, "gpt-oss", 0).checkValues(ofExperts: true) }
        #expect(
            refused?.hasSuffix("_scales\": is 255, not a number, at element 3 of expert 0; finite numbers are allowed")
                == true
        )
        let parameters = try layer(path, "gpt-oss", 0).expertParameters(1)
        #expect(parameters.shape == ExpertShape(hidden: hidden, ffn: ffn, activation: .clampedSwiglu, hasBiases: true))
        for (row, column) in [(0, 0), (0, 1), (3, 31), (3, 32), (31, 63)] {
            for (isUp, matrix) in [(0, try #require(parameters.gate)), (1, parameters.up)] {
                let index = (2 * ffn + 2 * row + isUp) * hidden + column
                #expect(matrix[row * hidden + column] == value(gateUp, gateUpScales, index))
            }
        }
        #expect(parameters.down[5 * ffn + 7] == value(down, downScales, (hidden + 5) * ffn + 7))
        let bias = noise(block + "experts.gate_up_proj_bias", experts * 2 * ffn)
        #expect(parameters.biases?.gate == (0..<ffn).map { bias[2 * ffn + 2 * $0] })
        #expect(parameters.biases?.up == (0..<ffn).map { bias[2 * ffn + 2 * $0 + 1] })
        #expect(parameters.biases?.down == Array(noise(block + "experts.down_proj_bias", 2 * hidden)[hidden...]))
    }

    /// Value `index` of MXFP4 data by the definition of E2M1.
    private func value(_ blocks: [UInt8], _ scales: [UInt8], _ index: Int) -> Float {
        let byte = blocks[index / 2]
        let bits = index % 2 == 0 ? byte & 15 : byte >> 4
        let (exponent, fraction) = (Int(bits >> 1 & 3), Float(bits & 1))
        let magnitude = exponent == 0 ? fraction / 2 : (1 + fraction / 2) * Float(1 << (exponent - 1))
        let scale = Float(sign: .plus, exponent: Int(scales[index / 32]) - 127, significand: 1)
        return (bits & 8 == 0 ? 1 : -1) * magnitude * scale
    }

    @Test("Arctic with its dense residual")
    func arctic() throws {
        let layerPrefix = "model.layers.2."
        let dense = [("w1", [10, 6]), ("w3", [10, 6]), ("w2", [6, 10])]
        var tensors = SmallMixtral.tensors()
        tensors += dense.map { noisy(layerPrefix + "residual_mlp.\($0.0).weight", $0.1) }
        tensors += ["residual_layernorm", "post_attention_layernorm"].map { noisy(layerPrefix + "\($0).weight", [6]) }
        let found = try layer(folder.write(tensors, as: "arctic.safetensors"), "arctic", 2)
        #expect(try found.expertParameters(2) == SmallMixtral.parameters(2))
        let parameters = try #require(try found.denseParameters())
        #expect(parameters.shape == ExpertShape(hidden: 6, ffn: 10, activation: .swiglu))
        #expect(parameters.down == noise(layerPrefix + "residual_mlp.w2.weight", 60))
        #expect(try found.denseNorm() == noise(layerPrefix + "residual_layernorm.weight", 6))
        #expect(try found.expertNorm() == noise(layerPrefix + "post_attention_layernorm.weight", 6))
    }

    @Test("Grok-2, whole and in tensor-parallel parts", arguments: [1, 2])
    func grok(parts: Int) throws {
        let mlp = "model.layers.2.mlp."
        try folder.write(
            [noisy(SmallMixtral.block + "gate.weight", [2, 6])],
            as: "model-00000-TP-common.safetensors"
        )
        for part in 0..<parts {
            var tensors: [TestTensor] = []
            for expert in 0..<2 {
                let whole = SmallMixtral.parameters(expert)
                let head = SmallMixtral.block + "experts.\(expert)."
                tensors += share(of: whole, part, parts, [head + "w1.weight", head + "w3.weight", head + "w2.weight"])
            }
            let names = ["gate_proj", "up_proj", "down_proj"].map { mlp + $0 + ".weight" }
            tensors += share(of: SmallMixtral.parameters(2), part, parts, names)
            try folder.write(tensors, as: "model-00001-TP-00\(part).safetensors")
        }
        let found = try layer(folder.path, "grok-2", 2)
        for expert in 0..<2 {
            let parameters = try found.expertParameters(expert)
            let whole = SmallMixtral.parameters(expert)
            #expect(parameters.shape == ExpertShape(hidden: 6, ffn: 4, activation: .geglu))
            #expect(parameters.gate == whole.gate && parameters.up == whole.up && parameters.down == whole.down)
        }
        #expect(try found.denseParameters()?.down == SmallMixtral.parameters(2).down)
    }

    /// One part's share of the inner width of an expert.
    private func share(of whole: ExpertParameters, _ part: Int, _ parts: Int, _ names: [String]) -> [TestTensor] {
        let ffn = 4 / parts
        let rows = part * ffn * 6..<(part + 1) * ffn * 6
        let columns = transposed(Array(transposed(whole.down, rows: 6, columns: 4)[rows]), rows: ffn, columns: 6)
        return [
            TestTensor(names[0], [ffn, 6], Array((whole.gate ?? [])[rows])),
            TestTensor(names[1], [ffn, 6], Array(whole.up[rows])),
            TestTensor(names[2], [6, ffn], columns),
        ]
    }

    @Test("layers for multi-token prediction are left out")
    func predictionLayers() throws {
        var tensors: [TestTensor] = []
        for number in [3, 4] {
            let block = "model.layers.\(number).mlp."
            tensors += [noisy(block + "gate.weight", [1, 6]), noisy(block + "gate.e_score_correction_bias", [1])]
            for head in ["experts.0.", "shared_experts."] {
                tensors += [("gate_proj", [4, 6]), ("up_proj", [4, 6]), ("down_proj", [6, 4])].map {
                    noisy(block + head + $0.0 + ".weight", $0.1)
                }
            }
        }
        tensors.append(noisy("model.layers.4.eh_proj.weight", [6, 12]))
        let path = try folder.write(tensors, as: "mtp.safetensors")
        #expect(try layer(path, "deepseek-v3", 3).experts == 1)
        let text = failure { _ = try layer(path, "deepseek-v3", 4) }
        #expect(
            text
                == "\(path): has no mixture-of-experts layer 4 of family deepseek-v3; its layers are 3; that one is for "
                + "multi-token prediction, which is not read"
        )
        let other = failure { _ = try layer(path, "deepseek-v3", 5) }
        #expect(other == "\(path): has no mixture-of-experts layer 5 of family deepseek-v3; its layers are 3")
    }
}
