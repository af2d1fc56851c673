import MoE
import Tensors
import TestSupport
import Testing
import Workloads

/// Recorded logits with what stands beside them.
@Suite struct LogitsFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private let random = CounterRandom(seed: 1, purpose: .test)

    private func open(_ path: String, tensor: String? = nil) throws(WorkloadError) -> LogitsFile {
        try LogitsFile(path: path, tensor: tensor)
    }

    /// What is wrong with a file, or with its first layer for a router.
    private func refused(_ path: String, tensor: String? = nil, router: any Router = ReplayRouter(topK: 1)) -> String? {
        refusal { () throws(WorkloadError) in
            let file = try open(path, tensor: tensor)
            let layer = file.layers[0]
            _ = try file.batch(layer: layer, rows: 0..<file.tokens, for: router, random: random)
            _ = try file.state(layer: layer)
            _ = try file.recordedKept(layer: layer, rows: 0..<file.tokens)
        }
    }

    @Test func layersStandInTheOrderOfTheirNumbers() throws {
        let path = try folder.write(
            floats: [
                ("layers.10.router_logits", [2, 2], [5, 6, 7, 8]), ("layers.2.router_logits", [2, 2], [1, 2, 3, 4]),
                ("layers.2.output", [1], [0]), ("layers.x.router_logits", [1, 1], [0]),
            ]
        )
        let file = try open(path)
        #expect(file.layers.map(\.number) == [2, 10])
        #expect(file.layers.map(\.tensor) == ["layers.2.router_logits", "layers.10.router_logits"])
        #expect(file.tokens == 2 && file.experts == 2)
        let router = TopKRouter(rule: TopKRule(topK: 1))
        let batch = try file.batch(layer: file.layers[1], rows: 1..<2, for: router, random: random)
        #expect(batch.projections == [Matrix(rows: 1, columns: 2, values: [7, 8])])
        #expect(batch.tokens == 1 && batch.experts == 2)
        #expect(batch.tokenIDs == nil && batch.sequenceLengths == nil && batch.recorded == nil)
    }

    @Test func aNameMayBeGiven() throws {
        let path = try folder.write(
            floats: [
                ("router_logits", [1, 2], [1, 2]), ("layers.3.router_logits", [1, 2], [3, 4]),
                ("layers.3.gate", [1, 2], [5, 6]), ("layers.4.gate", [1, 2], [7, 8]),
            ]
        )
        #expect(
            refused(path)
                == "holds both \"router_logits\" and \"layers.3.router_logits\"; name the tensor to be routed"
        )
        #expect(try open(path, tensor: "router_logits").layers.map(\.number) == [0])
        #expect(try open(path, tensor: "layers.3.router_logits").layers.map(\.number) == [3])
        #expect(try open(path, tensor: "gate").layers.map(\.tensor) == ["layers.3.gate", "layers.4.gate"])
    }

    @Test func everythingBesideTheLogitsIsRead() throws {
        let path = try folder.write(
            floats: [
                ("io.logits", [3, 2], [1, 2, 3, 4, 5, 6]), ("io.noise_logits", [3, 2], [6, 5, 4, 3, 2, 1]),
                ("io.e_score_correction_bias", [2], [0.5, -0.5]), ("io.gate_bias", [2], [1, 2]),
                ("io.thresholds", [2], [3, 4]), ("io.topk_weight", [3, 1], [0.25, 0.5, 1]),
            ],
            integers: [
                ("io.topk_index", [3, 1], [1, -1, 0]), ("io.kept", [3], [1, 0, 0]), ("token_ids", [3], [7, 8, 7]),
                ("io.sequence_lengths", [2], [2, 1]), ("sequence_lengths", [1], [3]),
            ]
        )
        let file = try open(path, tensor: "io.logits")
        let layer = file.layers[0]
        let batch = try file.batch(layer: layer, rows: 1..<3, for: NoisyTopKRouter(topK: 1), random: random)
        #expect(batch.projections.map(\.values) == [[3, 4, 5, 6], [4, 3, 2, 1]])
        #expect(batch.tokenIDs == [8, 7])
        #expect(batch.sequenceLengths == [1, 1])
        #expect(batch.recorded == RecordedChoices(choicesPerToken: 1, experts: [-1, 0], weights: [0.5, 1]))
        #expect(try file.recordedKept(layer: layer, rows: 0..<2) == [true, false])
        let state = try file.state(layer: layer)
        #expect(state == RouterState(selectionBias: [0.5, -0.5], gateBias: [1, 2], thresholds: [3, 4]))
        #expect(file.tokenFrequencies?.suffix(2) == [2, 1])
        #expect(file.tokenIDs == [7, 8, 7])
        #expect(file.sequenceLengths(of: [0..<1, 1..<3]) == [1, 1, 1])
        let cut = try LogitsFile(path: path, tensor: "io.logits", sequenceTokens: 2)
        #expect(cut.sequenceLengths(of: [0..<3]) == [2, 1])
    }

    @Test func whatARouterReadsAndTheFileLacksIsNamed() throws {
        let path = try folder.write(floats: [("layers.1.router_logits", [1, 2], [1, 2])])
        #expect(
            refused(path, router: NoisyTopKRouter(topK: 1)) == "holds no \"layers.1.noise_logits\", which the router "
                + "reads; it holds \"layers.1.router_logits\""
        )
        #expect(
            refused(path, router: HierarchicalRouter(groups: 2))?.hasPrefix("holds no \"layers.1.primary_logits\"")
                == true
        )
    }

    @Test func unusableLogitsAreRefused() throws {
        let none = try folder.write(floats: [("x", [1, 1], [0])])
        #expect(
            refused(none) == "holds neither \"router_logits\" nor \"layers.0.router_logits\"; it holds \"x\""
        )
        let integers = try folder.write(integers: [("router_logits", [1, 1], [0])])
        #expect(
            refused(integers)
                == "tensor \"router_logits\": has shape [1, 1] of I16; [token, expert] of real numbers is needed"
        )
        let empty = try folder.write(floats: [("router_logits", [0, 4], [])])
        #expect(
            refused(empty)
                == "tensor \"router_logits\": has shape [0, 4]; at least one token and one expert are needed"
        )
        let uneven = try folder.write(
            floats: [("layers.0.router_logits", [1, 2], [0, 0]), ("layers.1.router_logits", [2, 1], [0, 0])]
        )
        #expect(
            refused(uneven) == "tensor \"layers.1.router_logits\": has shape [2, 1]; all layers must have the shape "
                + "[1, 2] of \"layers.0.router_logits\""
        )
    }

    @Test(arguments: [
        ("selection_bias", [1], [Float(0)], "has shape [1]; [2] is needed, one number per expert"),
        ("gate_bias", [2], [0, .nan], "is nan for expert 1; finite numbers are allowed"),
        ("topk_index", [2, 1], [0, 0], "has shape [2, 1] of F32; [token, k] of integers is needed"),
        ("noise_logits", [3, 2], [0, 0, 0, 0, 0, 0], "has 3 rows; \"router_logits\" has 2, one per token"),
        ("noise_logits", [4], [0, 0, 0, 0], "has shape [4] of F32; [token, column] of real numbers is needed"),
    ])
    func unusableNeighboursAreRefused(name: String, shape: [Int], values: [Float], message: String) throws {
        let logits: (String, [Int], [Float]) = ("router_logits", [2, 2], [0, 0, 0, 0])
        let noise: (String, [Int], [Float]) = ("noise_logits", [2, 2], [0, 0, 0, 0])
        let others = name == noise.0 ? [logits] : [logits, noise]
        let path = try folder.write(floats: others + [(name, shape, values)])
        #expect(refused(path, router: NoisyTopKRouter(topK: 1)) == "tensor \"\(name)\": \(message)")
    }

    @Test func unusableRecordsAreRefused() throws {
        func refused(_ integers: (String, [Int], [Int16])...) throws -> String? {
            let path = try folder.write(floats: [("router_logits", [2, 2], [0, 0, 0, 0])], integers: integers)
            return self.refused(path)
        }
        #expect(
            try refused(("topk_index", [2, 1], [0, 2]))
                == "tensor \"topk_index\": token 1, layer 0: expert 2 is outside 0..<2, the experts of the model; "
                + "-1 stands for no choice"
        )
        #expect(
            try refused(("topk_index", [1, 1], [0]))
                == "tensor \"topk_index\": has 1 rows; \"router_logits\" has 2, one per token"
        )
        #expect(
            try refused(("topk_index", [2, 0], []))
                == "tensor \"topk_index\": has no column; at least one is needed"
        )
        #expect(
            try refused(("topk_index", [2, 1], [0, 1]), ("kept", [2, 2], [1, 1, 1, 1]))
                == "tensor \"kept\": has shape [2, 2]; shape [2, 1] is needed, as of \"topk_index\""
        )
    }
}
