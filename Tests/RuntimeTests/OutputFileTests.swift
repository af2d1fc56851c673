import Cluster
import Configuration
import CostModel
import MoE
import Records
import Tensors
import TestSupport
import Testing
import Workloads

@testable import Runtime

@Suite struct OutputFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func file(_ samples: LayerSamples) throws -> OutputFile {
        try OutputFile(
            path: "\(folder.path)/o.safetensors",
            setup: samples.setup,
            steps: 2,
            metadata: ["seed": "1"]
        )
    }

    private func samples() throws -> LayerSamples {
        try LayerSamples(
            smallConfiguration {
                $0.workload.tokens = 12
                $0.router.options.drop = .by(.position)
                $0.router.options.capacityFactor = 0.7
                $0.router.options.minCapacity = 1
            }
        )
    }

    private func result(_ samples: LayerSamples, step: Int) throws -> StepResult {
        let keptLayers = try [0, 1].map { try samples.kept(step: step, layer: $0) }
        var random = Samples(seed: 100 + step)
        return StepResult(
            record: StepRecord(step: step, tokens: 12, seconds: 1, layers: []),
            track: StepTrack(step: step, span: 0..<1, layers: []),
            input: Matrix(rows: 12, columns: 32),
            output: random.matrix(rows: 12, columns: 32),
            keptLayers: keptLayers,
            stampsMoved: 0
        )
    }

    @Test func holdsWhatItWasGiven() throws {
        let samples = try samples()
        let results = try [0, 1].map { try result(samples, step: $0) }
        let file = try file(samples)
        for result in results { try file.add(result) }
        #expect(try !folder.names().contains("o.safetensors"))
        try file.finish()
        #expect(try folder.names() == ["o.safetensors"])

        let saved = try SafetensorsFile(path: "\(folder.path)/o.safetensors")
        #expect(saved.metadata["seed"] == "1")
        let parts = ["router_logits", "topk_index", "topk_weight", "kept", "output"]
        #expect(Set(saved.names) == Set(["output"] + parts.flatMap { ["layers.0.\($0)", "layers.1.\($0)"] }))
        #expect(try saved.tensor(named: "output").floats(rows: 0..<24) == results.flatMap { $0.output.values })
        for layer in 0..<2 { try check(saved, layer, results.map { $0.keptLayers[layer] }) }
    }

    private func check(_ saved: SafetensorsFile, _ layer: Int, _ keptLayers: [KeptLayer]) throws {
        func floats(_ name: String) throws -> [Float] {
            try saved.tensor(named: "layers.\(layer).\(name)").floats(rows: 0..<24)
        }
        func integers(_ name: String) throws -> [Int64] {
            try saved.tensor(named: "layers.\(layer).\(name)").integers(rows: 0..<24)
        }
        let plans = keptLayers.map(\.routed.routing.plan)
        #expect(try floats("output") == keptLayers.flatMap { $0.combined.output.values })
        #expect(try floats("router_logits") == keptLayers.flatMap { $0.routed.batch.projections[0].values })
        #expect(try floats("topk_weight") == plans.flatMap { $0.weight })
        #expect(try integers("topk_index") == plans.flatMap { $0.expert.map(Int64.init) })
        let kept = plans.flatMap { plan in (0..<plan.copies).map { plan.isKept($0) ? Int64(1) : 0 } }
        #expect(try integers("kept") == kept)
        #expect(kept.contains(0) && kept.contains(1))
    }

    @Test func isAbsentUnlessItIsWhole() throws {
        let samples = try samples()
        func half() throws {
            let file = try file(samples)
            try file.add(try result(samples, step: 0))
            #expect {
                try file.finish()
            } throws: { error in
                guard case .local(let text)? = error as? RuntimeError else { return false }
                return text.contains("o.safetensors: tensor ") && text.contains("rows 12..<24 were never written")
            }
        }
        try half()
        #expect(try folder.names().isEmpty)
    }

    @Test func placeThatIsNotThereIsNamed() throws {
        let samples = try samples()
        #expect {
            try OutputFile(path: "/none/o.safetensors", setup: samples.setup, steps: 1, metadata: [:])
        } throws: { error in
            guard case .local(let text)? = error as? RuntimeError else { return false }
            return text.hasPrefix("/none/o.safetensors: cannot be created")
        }
    }
}
