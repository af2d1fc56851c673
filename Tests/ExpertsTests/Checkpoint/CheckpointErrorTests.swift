import Experts
import MoE
import Tensors
import TestSupport
import Testing

/// What is said about checkpoints that are not as they should be.
@Suite("Errors of checkpoints") struct CheckpointErrorTests {
    private let folder: TemporaryFolder
    private let block = SmallMixtral.block

    init() throws {
        folder = try TemporaryFolder()
    }

    /// What is said about one layer of a checkpoint of these tensors, without the path.
    private func said(
        _ tensors: [TestTensor],
        family: String = "mixtral",
        layer number: Int = 2,
        expert: Int = 0
    ) throws -> String? {
        let path = try folder.write(tensors, as: "model.safetensors")
        let text = failure {
            let layer = try layer(path, family, number)
            _ = try layer.routerProjection()
            _ = try layer.expertParameters(expert)
        }
        return text.map { $0.hasPrefix(path + ": ") ? String($0.dropFirst(path.count + 2)) : "no path in: \($0)" }
    }

    private func tensors(without name: String? = nil, with tensor: TestTensor? = nil) -> [TestTensor] {
        SmallMixtral.tensors().filter { $0.name != name && $0.name != tensor?.name } + (tensor.map { [$0] } ?? [])
    }

    @Test func wholeCheckpointIsAccepted() throws {
        #expect(try said(tensors(), expert: 2) == nil)
    }

    @Test func missingTensor() throws {
        let name = block + "experts.1.w3.weight"
        let nearest = ["experts.1.w1.weight", "experts.1.w2.weight", "experts.0.w3.weight"].map { "\"\(block)\($0)\"" }
        let text = try #require(try said(tensors(without: name)))
        #expect(text.hasPrefix("tensor \"\(name)\": was looked for and is not there; the nearest names here are "))
        for name in nearest { #expect(text.contains(name)) }
    }

    @Test func missingTensorOfTheFirstExpert() throws {
        let name = block + "experts.0.w2.weight"
        let text = try said(tensors(without: name))
        #expect(text?.hasPrefix("tensor \"\(name)\": was looked for and is not there; the nearest") == true)
    }

    @Test func wrongShape() throws {
        let name = block + "experts.1.w2.weight"
        let text = try said(tensors(with: noisy(name, [4, 6])), expert: 1)
        #expect(text == "tensor \"\(name)\": has shape [4, 6]; expected [6, 4]")
        let first = block + "experts.0.w3.weight"
        let flat = try said(tensors(with: noisy(first, [24])))
        let allowed = "any F in [1, 6] times F is allowed"
        #expect(flat == "tensor \"\(first)\": has shape [24], which is not that of matrices [F, 6]; \(allowed)")
        let gate = try said(tensors(with: noisy(block + "gate.weight", [3])))
        #expect(gate == "tensor \"\(block)gate.weight\": has shape [3]; expected [experts, hidden]")
    }

    @Test func moreExpertsThanTheRouterHas() throws {
        let text = try said(tensors(with: noisy(block + "gate.weight", [2, 6])))
        let name = block + "experts.2.w1.weight"
        #expect(text == "tensor \"\(name)\": is there, but the router has 2 rows, one for each expert from 0")
    }

    @Test func wrongType() throws {
        let name = block + "experts.0.w1.weight"
        let text = try said(tensors(with: TestTensor(name, .u8, [4, 6], [UInt8](repeating: 1, count: 24))))
        #expect(text == "tensor \"\(name)\": is U8; real numbers are read from F64, F32, F16, BF16 and F8_E4M3")
    }

    @Test func float8WithoutScales() throws {
        let name = block + "experts.0.w1.weight"
        let tensor = TestTensor(name, .f8e4m3, [4, 6], [UInt8](repeating: 1, count: 24))
        let text = try said(tensors(with: tensor))
        let scales = "\"\(name)_scale_inv\""
        let others = "\"\(name)_scale\""
        #expect(text == "tensor \"\(name)\": is F8_E4M3, and there is no \(scales) or \(others) with its scales")
        let wrong = try said(tensors(with: tensor) + [noisy(name + "_scale_inv", [1, 2])])
        #expect(wrong?.hasPrefix("tensor \(scales): has shape [1, 2]; expected [1, 1] or ") == true)
    }

    @Test func familyThatDoesNotFit() throws {
        let text = try said(tensors(), family: "qwen3-moe")
        let wanted = "\"model.layers.{layer}.mlp.gate.weight\""
        let fitting = "what fits is mixtral, phimoe, minimax-01"
        #expect(text == "does not fit family qwen3-moe: there is no \(wanted) of any layer; \(fitting)")
        let bias = noisy(block + "e_score_correction_bias", [3])
        let other = try said(tensors() + [bias])
        #expect(other == "does not fit family mixtral: it has no place for \"\(bias.name)\"; what fits is minimax-m2")
        let lacking = try said(tensors(), family: "minimax-m2")
        #expect(lacking == "does not fit family minimax-m2: there is no \"\(bias.name)\"; \(fitting)")
        let nothing = try said([noisy("x", [1])])
        #expect(nothing?.hasSuffix("of any layer; no known family fits") == true)
    }

    @Test func layerThatIsNotThere() throws {
        var all: [TestTensor] = []
        for number in [0, 1, 2, 5] {
            all += SmallMixtral.tensors().map { tensor in
                var tensor = tensor
                tensor.name = tensor.name.replacing("layers.2.", with: "layers.\(number).")
                return tensor
            }
        }
        let text = try said(all, layer: 3)
        #expect(text == "has no mixture-of-experts layer 3 of family mixtral; its layers are 0–2, 5")
    }

    @Test func expertThatIsNotThere() throws {
        #expect(try said(tensors(), expert: 3) == "layer 2 has experts 0–2, not 3")
        #expect(try said(tensors(), expert: -1) == "layer 2 has experts 0–2, not -1")
    }

    @Test func unknownFamily() {
        let text = failure { _ = try CheckpointFamily.named("mistral") }
        #expect(text?.hasPrefix("family: \"mistral\" is not known; known are mixtral, phimoe, ") == true)
        #expect(Set(CheckpointFamily.all.map(\.name)).count == CheckpointFamily.all.count)
        #expect(CheckpointFamily.of(modelType: "qwen3_moe").map(\.name) == ["qwen3-moe"])
        #expect(CheckpointFamily.of(modelType: "nllb-moe").map(\.name) == ["nllb", "nllb-decoder"])
        #expect(CheckpointFamily.of(modelType: "bert").isEmpty)
    }

    @Test(arguments: [
        ("glm4_moe", "glm-4.5"), ("GLM-4.5", "glm-4.5"), ("glm4-moe", "glm-4.5"), ("llama4", "llama-4"),
        ("deepseek-moe-16b", "deepseek-moe"), ("deepseek", "deepseek-moe"), ("nllb-moe", "nllb"),
        ("nllb_moe_decoder", "nllb-decoder"), ("granitemoe", "granite"), ("switch_transformers", "switch-transformers"),
        ("qwen3_5_moe", "qwen3.5-moe"), ("deepseek_v32", "deepseek-v3.2"), ("glm_moe_dsa", "glm-5"),
        ("hy_v3", "hunyuan-v3"),
    ])
    func familyGoesByOtherNames(name: String, canonical: String) throws {
        #expect(try CheckpointFamily.named(name).name == canonical)
    }

    @Test func everyFamilyHasARouter() {
        for family in CheckpointFamily.all {
            #expect(RouterCatalogue.entry(named: family.routerName) != nil, "\(family.name)")
        }
    }

    /// What gpt-oss keeps twice, or in another type, is refused by names and types, before a matrix is read.
    @Test func mxfp4ThatIsNotToldApart() throws {
        let mlp = "model.layers.2.mlp."
        func tensors(_ blocks: DType, more: [TestTensor] = []) -> [TestTensor] {
            func bytes(_ name: String, _ shape: [Int], _ dtype: DType) -> TestTensor {
                let count = shape.reduce(dtype.byteCount, *)
                return TestTensor(mlp + "experts." + name, dtype, shape, [UInt8](repeating: 0, count: count))
            }
            return [
                noisy(mlp + "router.weight", [1, 32]), noisy(mlp + "router.bias", [1]),
                noisy(mlp + "experts.gate_up_proj_bias", [1, 64]), noisy(mlp + "experts.down_proj_bias", [1, 32]),
                bytes("gate_up_proj_blocks", [1, 64, 1, 16], .u8), bytes("gate_up_proj_scales", [1, 64, 1], .u8),
                bytes("down_proj_blocks", [1, 32, 1, 16], blocks), bytes("down_proj_scales", [1, 32, 1], .u8),
            ] + more
        }
        func opened(_ tensors: [TestTensor]) throws -> String {
            let path = try folder.write(tensors, as: "model.safetensors")
            return failure { try layer(path, "gpt-oss", 2).checkExperts() } ?? ""
        }
        let (down, gateUp) = (mlp + "experts.down_proj", mlp + "experts.gate_up_proj")
        #expect(try opened(tensors(.u8)) == "")
        #expect(try opened(tensors(.i8)).hasSuffix("tensor \"\(down)_blocks\": is I8; MXFP4 stands in U8"))
        let twice = noisy(down, [1, 32, 32])
        #expect(
            try opened(tensors(.u8, more: [twice])).contains("_blocks\": stands beside \"\(down)\", allowed: one of")
        )
        let all = [twice, noisy(gateUp, [1, 32, 64])]
        #expect(try opened(tensors(.u8, more: all)).contains("allowed: one of the two"))
    }

    @Test func mxfp4ThatIsCutShort() throws {
        let mlp = "model.layers.2.mlp."
        var tensors = [noisy(mlp + "router.weight", [1, 32]), noisy(mlp + "router.bias", [1])]
        tensors.append(noisy(mlp + "experts.gate_up_proj_bias", [1, 4]))
        tensors.append(noisy(mlp + "experts.down_proj_bias", [1, 32]))
        func bytes(_ name: String, _ shape: [Int], _ dtype: DType = .u8) -> TestTensor {
            let count = shape.reduce(dtype.byteCount, *)
            return TestTensor(mlp + "experts." + name, dtype, shape, [UInt8](repeating: 0, count: count))
        }
        tensors.append(bytes("gate_up_proj_blocks", [1, 4, 1, 16]))
        tensors.append(bytes("down_proj_blocks", [1, 32, 1, 16]))
        tensors.append(bytes("down_proj_scales", [1, 32, 1]))
        let scales = mlp + "experts.gate_up_proj_scales"
        let short = try said(tensors + [bytes("gate_up_proj_scales", [1, 4, 2])], family: "gpt-oss")
        #expect(short == "tensor \"\(scales)\": has shape [1, 4, 2]; expected [1, 4, 1]")
        let typed = try said(tensors + [bytes("gate_up_proj_scales", [1, 4, 1], .i8)], family: "gpt-oss")
        #expect(typed == "tensor \"\(scales)\": is I8; MXFP4 stands in U8")
        // The inner width is 2, of which no whole block of 32 can be made.
        let width = try said(tensors + [bytes("gate_up_proj_scales", [1, 4, 1])], family: "gpt-oss")
        let down = mlp + "experts.down_proj_blocks"
        #expect(width == "tensor \"\(down)\": holds rows of 2 values, which are no whole blocks of 32")
    }
}
