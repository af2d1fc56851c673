import Foundation
import MoE
import Tensors
import TestSupport
import Testing
import Workloads

/// Replaying recorded choices.
@Suite struct TraceWorkloadTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// 3 tokens, 2 layers, 2 choices.
    private let ids: [Int16] = [0, 1, 2, 3, /* token 1 */ 4, 5, 6, 7, /* token 2 */ 1, 0, 3, 2]

    private func open(
        _ path: String,
        tokens: Int = 2,
        layers: Int = 2,
        experts: Int = 8,
        topK: Int = 2
    ) throws(WorkloadError) -> TraceWorkload {
        let shape = model(layers: layers, experts: experts)
        return try TraceWorkload(path: path, tokensPerStep: tokens, model: shape, topK: topK, seed: 5)
    }

    private func refused(_ path: String, layers: Int = 2, experts: Int = 8, topK: Int = 2) -> String? {
        refusal { () throws(WorkloadError) in _ = try open(path, layers: layers, experts: experts, topK: topK) }
    }

    @Test func replaysOneTensorForAllLayers() throws {
        let weights = (0..<12).map { Float($0) / 16 }
        let path = try folder.write(
            floats: [("topk_weights", [3, 2, 2], weights)],
            integers: [("topk_ids", [3, 2, 2], ids)]
        )
        let workload = try open(path)
        let records = try workload.batch(step: 1).gate.recorded
        #expect(
            records == [
                RecordedChoices(choicesPerToken: 2, experts: [1, 0, 0, 1], weights: [0.5, 0.5625, 0, 0.0625]),
                RecordedChoices(choicesPerToken: 2, experts: [3, 2, 2, 3], weights: [0.625, 0.6875, 0.125, 0.1875]),
            ]
        )
        #expect(workload.summary.distinctTokens == 3)
        #expect(workload.summary.kind == .trace)
        #expect(try open(path, layers: 1).batch(step: 0).gate.recorded?.map(\.experts) == [[0, 1, 4, 5]])
    }

    @Test func replaysOneTensorPerLayer() throws {
        let path = try folder.write(
            floats: [("layers.0.topk_weight", [2, 1], [0.5, 0.25]), ("layers.1.topk_weight", [2, 1], [1, 2])],
            integers: [("layers.0.topk_index", [2, 1], [3, 1]), ("layers.1.topk_index", [2, 1], [0, 7])]
        )
        #expect(
            try open(path, topK: 1).batch(step: 0).gate.recorded == [
                RecordedChoices(choicesPerToken: 1, experts: [3, 1], weights: [0.5, 0.25]),
                RecordedChoices(choicesPerToken: 1, experts: [0, 7], weights: [1, 2]),
            ]
        )
        #expect(
            refused(path, layers: 3, topK: 1) == "holds 2 layers, but model.layers is 3; at most 2 are allowed"
        )
    }

    @Test func replaysAnArrayWithoutWeights() throws {
        let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 2, 2), }"
        let bytes = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
        let path = try folder.write(bytes + ids.map { UInt8($0) }, as: "some trace.npy")
        let records = try open(path).batch(step: 0).gate.recorded
        #expect(records?.first == RecordedChoices(choicesPerToken: 2, experts: [0, 1, 4, 5], weights: nil))
    }

    @Test func eachTokenKeepsItsHiddenState() throws {
        let path = try folder.write(integers: [("topk_ids", [3, 2, 2], ids)])
        let workload = try open(path)
        let first = try workload.batch(step: 0).hidden
        let second = try workload.batch(step: 1).hidden
        #expect(first.rows == 2 && first.columns == 4)
        #expect(first.row(0) == second.row(1))
        #expect(first.row(0) != first.row(1))
    }

    @Test func tokensMayHaveFewerChoices() throws {
        let path = try folder.write(
            floats: [("layers.0.topk_weight", [3, 2], [0.5, 0.25, 1, 0, 0, 0])],
            integers: [("layers.0.topk_index", [3, 2], [3, 1, 2, -1, -1, -1])]
        )
        let records = try open(path, tokens: 3, layers: 1).batch(step: 0).gate.recorded
        #expect(records?.first?.experts == [3, 1, 2, -1, -1, -1])
        #expect(records?.first?.weights == [0.5, 0.25, 1, 0, 0, 0])
    }

    @Test func refusesAnotherModel() throws {
        let path = try folder.write(integers: [("topk_ids", [3, 2, 2], ids)])
        #expect(refused(path, layers: 4) == "holds 2 layers, but model.layers is 4; at most 2 are allowed")
        #expect(refused(path, topK: 4) == "holds 2 choices per token, but router.top_k is 4; router.top_k must be 2")
        #expect(
            refused(path, experts: 7)
                == "tensor \"topk_ids\": token 1, layer 1: expert 7 is outside 0..<7, the experts of the model; "
                + "-1 stands for no choice"
        )
        #expect(refused(path, layers: 1, experts: 6) == nil)
    }

    @Test func refusesImpossibleChoices() throws {
        let negative = try folder.write(integers: [("topk_ids", [1, 1, 2], [0, -2])])
        #expect(
            refused(negative, layers: 1)
                == "tensor \"topk_ids\": token 0, layer 0: expert -2 is outside 0..<8, the experts of the model; "
                + "-1 stands for no choice"
        )
        let twice = try folder.write(integers: [("topk_ids", [2, 1, 2], [0, 1, 3, 3])])
        #expect(
            refused(twice, layers: 1)
                == "tensor \"topk_ids\": token 1, layer 0: expert 3 is chosen twice; the experts of a token must differ"
        )
        let late = try folder.write(integers: [("topk_ids", [5000, 1, 1], Array(repeating: 0, count: 4999) + [9])])
        #expect(refused(late, layers: 1, topK: 1)?.contains("token 4999, layer 0: expert 9") == true)
        let weights = try folder.write(
            floats: [("topk_weights", [1, 1, 2], [0.5, .nan])],
            integers: [("topk_ids", [1, 1, 2], [0, 1])]
        )
        #expect(
            refused(weights, layers: 1)
                == "tensor \"topk_weights\": token 0, layer 0: weight nan; finite numbers from 0 are allowed"
        )
    }

    @Test func refusesShapesThatDoNotAgree() throws {
        let flat = try folder.write(integers: [("topk_ids", [3, 4], ids)])
        #expect(
            refused(flat, topK: 4) == "holds 1 layers, but model.layers is 2; at most 1 are allowed"
        )
        let floats = try folder.write(floats: [("topk_ids", [1, 1, 1], [0])])
        #expect(
            refused(floats)?.contains("has shape [1, 1, 1] of F32; [token, k] or [token, layer, k] of integers") == true
        )
        let other = try folder.write(floats: [("topk_weights", [1], [0])], integers: [("topk_ids", [3, 2, 2], ids)])
        #expect(
            refused(other)
                == "tensor \"topk_weights\": has shape [1] of F32; shape [3, 2, 2] of real numbers is needed, "
                + "as of \"topk_ids\""
        )
        let neither = try folder.write(integers: [("ids", [1], [0]), ("x", [1], [0])])
        #expect(refused(neither)?.hasPrefix("holds none of the tensors topk_ids, topk_index, ") == true)
        for shape in [[0, 2, 2], [3, 2, 0]] {
            let empty = try folder.write(integers: [("topk_ids", shape, [])])
            #expect(refused(empty) == "holds no choices; at least one token with one is needed")
        }
    }

    @Test func refusesLayersThatDoNotAgree() throws {
        let shapes = try folder.write(
            integers: [("layers.0.topk_index", [2, 1], [0, 1]), ("layers.1.topk_index", [1, 2], [0, 1])]
        )
        #expect(
            refused(shapes)
                == "tensor \"layers.1.topk_index\": has shape [1, 2]; \"layers.0.topk_index\" has [2, 1], which all must have"
        )
        let weights = try folder.write(
            floats: [("layers.1.topk_weight", [1, 1], [0])],
            integers: [("layers.0.topk_index", [1, 1], [0]), ("layers.1.topk_index", [1, 1], [0])]
        )
        #expect(
            refused(weights) == "holds no tensor \"layers.0.topk_weight\"; all layers or no layer must have weights"
        )
    }
}
