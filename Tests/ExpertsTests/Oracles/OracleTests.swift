import Experts
import MoE
import Tensors
import TestSupport
import Testing

/// Every family's checkpoint, read by the names of the hub, against Hugging Face transformers.
@Suite("Oracles") struct OracleTests {
    @Test("there are cases") func thereAreCases() {
        #expect(!OracleCase.files.isEmpty)
    }

    @Test("router logits", arguments: OracleCase.files)
    func logits(file: CaseFile) throws {
        let oracle = try OracleCase(file)
        let layer = try oracle.checkpointLayer()
        let input = try oracle.recorded("input")
        let expected = try oracle.recorded("router_logits")
        let projection = try Projection(
            compute: ComputeEngine(threads: 1),
            matrix: layer.routerProjection(),
            bias: layer.routerBias()
        )
        let found = try projection(input)
        #expect(relativeError(found, expected) <= 1e-5)
        #expect((layer.experts + layer.identityExperts, layer.hidden) == (expected.columns, input.columns))
    }

    @Test("experts by plain loops", arguments: OracleCase.files)
    func referenceExperts(file: CaseFile) throws {
        let oracle = try OracleCase(file)
        let block = try OracleBlock(oracle) { parameters, rows in
            let expert = ReferenceExpert(parameters, dtype: .f32)
            let outputs = (0..<rows.rows).flatMap { expert(Array(rows.row($0))) }
            return Matrix(rows: rows.rows, columns: rows.columns, values: outputs)
        }
        try expectOutputs(block)
    }

    @Test("experts on oneDNN", arguments: OracleCase.files)
    func kernelExperts(file: CaseFile) throws {
        let oracle = try OracleCase(file)
        let compute = try ComputeEngine(threads: 1)
        let block = try OracleBlock(oracle) { parameters, rows in
            let kernel = try ExpertKernel(compute: compute, shape: parameters.shape, dtype: .f32)
            return try run(kernel, kernel.pack(parameters), rows)
        }
        try expectOutputs(block)
    }

    @Test("configuration", arguments: OracleCase.files)
    func configuration(file: CaseFile) throws {
        let oracle = try OracleCase(file)
        let configuration = try oracle.checkpointConfiguration()
        let layer = try oracle.checkpointLayer()
        try configuration.check(against: layer)
        #expect(configuration.experts == layer.experts)
        #expect((configuration.identityExperts ?? 0) == layer.identityExperts)
        #expect(configuration.hidden == layer.hidden)
        let chosen = try oracle.recorded("topk_weight").columns
        #expect((configuration.options.topK ?? chosen) == chosen)
        let modelType = try #require(configuration.modelType)
        // A family whose class is another's says that one's model_type.
        let types = try stored(like: layer.family).flatMap { try CheckpointFamily.named($0).modelTypes }
        #expect(types.contains(modelType), "\(modelType) is none of \(types)")
    }

    /// No family but those that store the same names and shapes takes the case for its own.
    @Test("other families do not fit", arguments: OracleCase.files)
    func otherFamilies(file: CaseFile) throws {
        let oracle = try OracleCase(file)
        let checkpoint = try Checkpoint(path: oracle.weights)
        let family = try oracle.checkpointFamily()
        for other in CheckpointFamily.all where other.name != family.name {
            let layer = try? CheckpointLayer(checkpoint: checkpoint, family: other, layer: oracle.layer())
            if layer != nil { #expect(stored(like: family).contains(other.name), "\(other.name) for \(family.name)") }
        }
    }

    private func stored(like family: CheckpointFamily) -> [String] {
        let groups = [
            ["qwen3-vl-moe", "qwen3-omni-moe", "olmoe", "qwen3-moe", "mellum", "flex-olmo"],
            ["deepseek-moe", "deepseek-v2"],
            ["mixtral", "phimoe", "minimax-01"],
            [
                "deepseek-v3", "kimi-k2", "glm-4.5", "deepseek-v3.2", "sarvam-mla", "dots1", "glm-4.5v",
                "glm-4.7-flash",
                "glm-5", "solar-open",
            ],
            ["qwen2-moe", "qwen3-next", "qwen3.5-moe"], ["granite-shared", "granite-hybrid"],
            ["ling-hybrid", "sarvam-moe"],
        ]
        return groups.first { $0.contains(family.name) } ?? [family.name]
    }

    private func expectOutputs(_ block: OracleBlock) throws {
        let expected = try block.oracle.recorded("output")
        let routed = try block.routedOutput()
        #expect(relativeError(routed, try block.oracle.recorded("routed_output")) <= 2e-5)
        let shared = try block.sharedOutput()
        if let shared { #expect(relativeError(shared, try block.oracle.recorded("shared_output")) <= 2e-5) }
        #expect(relativeError(try block.output(routed: routed, shared: shared), expected) <= 2e-5)
    }
}
