import Foundation
import MoE
import Tensors
import TestSupport
import Testing

@testable import Workloads

/// Recorded files of other forms than epsim's own: right, or refused with what tells which form it is.
@Suite struct RecordedFormsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func trace(
        _ path: String,
        layers: Int = 2,
        topK: Int = 2,
        axes: TraceOrder? = nil
    ) throws(WorkloadError) -> TraceWorkload {
        try TraceWorkload(path: path, tokensPerStep: 3, model: model(layers: layers), topK: topK, axes: axes, seed: 1)
    }

    private func choices(_ workload: TraceWorkload) throws -> [[Int32]]? {
        try workload.batch(step: 0).gate.recorded?.map(\.experts)
    }

    /// 3 tokens of 2 layers and 2 choices, in the two orders; numpy's `transpose(1, 0, 2)` gives the second.
    private let tokenFirst: [Int16] = [0, 1, 2, 3, 4, 5, 6, 7, 1, 0, 3, 2]
    private let layerFirst: [Int16] = [0, 1, 4, 5, 1, 0, 2, 3, 6, 7, 3, 2]
    private let byLayer: [[Int32]] = [[0, 1, 4, 5, 1, 0], [2, 3, 6, 7, 3, 2]]

    @Test func whatWasAssumedOfTheOrderIsSaid() throws {
        let path = try folder.write(integers: [("topk_ids", [3, 2, 2], tokenFirst)])
        let workload = try trace(path)
        #expect(try choices(workload) == byLayer)
        #expect(
            workload.notes == [
                "\"topk_ids\" [3, 2, 2] is read as [token, layer, k]; workload.axes names another order"
            ]
        )
        #expect(try trace(path, axes: .tokenFirst).notes.isEmpty)
        #expect(try RoutingFile.open(path).note?.contains("is read as [token, layer, k]") == true)
        // The number of ids tells it.
        let told = try folder.write(integers: [("topk_ids", [3, 2, 2], tokenFirst), ("token_ids", [3], [1, 2, 3])])
        #expect(try trace(told).notes.isEmpty)
    }

    @Test func layersMayComeFirst() throws {
        let path = try folder.write(
            floats: [("topk_weights", [2, 3, 2], (0..<12).map { Float($0 + 1) })],
            integers: [("topk_ids", [2, 3, 2], layerFirst)]
        )
        let weights = try trace(path, axes: .layerFirst).batch(step: 0).gate.recorded?.map(\.weights)
        #expect(try choices(trace(path, axes: .layerFirst)) == byLayer)
        #expect(weights == [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]])
        #expect(
            refusal { () throws(WorkloadError) in _ = try trace(path) }
                == "tensor \"topk_ids\": has shape [2, 3, 2], where [token, layer, k] would be 3 layers and [layer, token, k] "
                + "the 2 of model.layers; workload.axes says which it is"
        )
        let told = try folder.write(integers: [("topk_ids", [2, 3, 2], layerFirst), ("token_ids", [3], [1, 2, 3])])
        let workload = try trace(told)
        #expect(try choices(workload) == byLayer)
        #expect(workload.notes.first?.contains("is read as [layer, token, k]") == true)
        #expect(try RoutingFile.open(told).block(0..<3).experts.map { Int16($0) } == tokenFirst)
    }

    /// 1,025 layers cannot be, nor can fewer than the model has where the other order has just as many.
    @Test func anImpossibleOrderIsNotTaken() throws {
        let many = [[Int16]](repeating: [1, 2], count: 1025).flatMap(\.self)
        let path = try folder.write(integers: [("topk_ids", [1, 1025, 2], many)])
        let workload = try trace(path, layers: 1)
        #expect(workload.summary.distinctTokens == 1025)
        #expect(workload.notes.first?.contains("[layer, token, k], as a model has at most 1024 layers") == true)
        #expect(try RoutingFile.open(path).shape.tokens == 1025)
        let few = try trace(try folder.write(integers: [("topk_ids", [2, 1, 2], [0, 1, 2, 3])]))
        #expect(few.summary.distinctTokens == 1)
        #expect(few.notes.first?.contains("[layer, token, k], as model.layers is 2") == true)
        let fewer = try folder.write(integers: [("topk_ids", [3, 1, 2], [0, 1, 2, 3, 4, 5])])
        #expect(
            refusal { () throws(WorkloadError) in _ = try trace(fewer) }
                == "holds 1 layers, but model.layers is 2; at most 1 are allowed"
        )
    }

    @Test(arguments: ["topk_idx", "topk_indices", "router_indices", "selected_experts", "expert_ids", "indices"])
    func namesOfOtherToolsAreKnown(name: String) throws {
        for form in [[name], ["layers.0.\(name)", "layers.1.\(name)"], ["\(name).0", "\(name).1"]] {
            let tensors =
                form.count == 1
                ? [(form[0], [3, 2, 2], tokenFirst)]
                : zip(form, byLayer).map { ($0, [3, 2], $1.map { Int16($0) }) }
            let path = try folder.write(integers: tensors)
            #expect(try choices(trace(path)) == byLayer, "\(form)")
            #expect(try RoutingFile.open(path).block(0..<3).experts.map { Int16($0) } == tokenFirst, "\(form)")
        }
    }

    @Test(arguments: ["routing_weights", "expert_weights", "router_probs", "topk_scores"])
    func weightsOfOtherToolsAreKnown(name: String) throws {
        let values = (1...12).map { Float($0) / 16 }
        let path = try folder.write(
            floats: [(name, [3, 2, 2], values)],
            integers: [("selected_experts", [3, 2, 2], tokenFirst)]
        )
        #expect(try trace(path).batch(step: 0).gate.recorded?[1].weights?.first == 0.1875)
        #expect(try RoutingFile.open(path).hasWeights)
    }

    @Test func whatIsNotReadIsNamed() throws {
        let path = try folder.write(
            floats: [("router_probs", [3, 8], (0..<24).map { Float($0) }), ("my_weights", [3], [1, 2, 3])],
            integers: [("topk_ids", [3, 1, 2], [0, 1, 2, 3, 4, 5])]
        )
        let workload = try trace(path, layers: 1)
        #expect(
            workload.notes.contains {
                $0.contains("\"my_weights\"") && $0.contains("\"router_probs\"") && $0.contains(", not read")
            },
            "\(workload.notes)"
        )
        #expect(try workload.batch(step: 0).gate.recorded?[0].weights == nil)
        let unknown = try folder.write(integers: [("mine", [3, 2], [0, 1, 2, 3, 4, 5]), ("other", [1], [1])])
        let refused = refusal { () throws(WorkloadError) in _ = try trace(unknown, layers: 1) }
        #expect(refused?.contains("holds none of the tensors topk_ids, topk_index") == true)
        #expect(refused?.contains("it holds \"mine\", \"other\"") == true)
        let two = try folder.write(
            integers: [("topk_ids", [3, 1, 2], [0, 1, 2, 3, 4, 5]), ("indices", [3, 1, 2], [1, 0, 2, 3, 4, 5])]
        )
        #expect(
            refusal { () throws(WorkloadError) in _ = try trace(two, layers: 1) }?
                .hasPrefix("holds \"topk_ids\", \"indices\", which may mean the same, allowed: one of them") == true
        )
    }

    @Test func weightsBelowZeroAreRefusedAndZerosSaid() throws {
        func path(_ weights: [Float]) throws -> String {
            try folder.write(
                floats: [("topk_weights", [3, 1, 2], weights)],
                integers: [("topk_ids", [3, 1, 2], [0, 1, 2, 3, 4, -1])]
            )
        }
        let negative = try path([1, 1, 1, -0.5, 1, 1])
        let message = "tensor \"topk_weights\": token 1, layer 0: weight -0.5; finite numbers from 0 are allowed"
        #expect(refusal { () throws(WorkloadError) in _ = try trace(negative, layers: 1) } == message)
        #expect(refusal { () throws(WorkloadError) in _ = try RoutingFile.open(negative).block(0..<3) } == message)
        // The weight of no choice is none.
        let zeros = try path([1, 1, 0, 0, 1, 0])
        let note =
            "2 weights are 0 in t.safetensors, the first of token 1, layer 0: such copies count as load and add nothing"
        #expect(try trace(zeros, layers: 1).notes.contains(note))
        #expect(try RoutingLoads(RoutingFile.open(zeros)).note == note)
    }

    /// `[sequence, position]` in place of `[token]`, where a mask or ids have it.
    @Test func batchesAreRowsOfTokens() throws {
        let mask: (String, [Int], [Int16]) = ("attention_mask", [2, 2], [1, 1, 1, 0])
        let logits = (0..<8).map { Float($0) }
        let file = try LogitsFile(
            path: try folder.write(floats: [("router_logits", [2, 2, 2], logits)], integers: [mask])
        )
        let batch = try file.batch(
            layer: file.layers[0],
            rows: 0..<3,
            for: TopKRouter(rule: TopKRule(topK: 1)),
            random: CounterRandom(seed: 1, purpose: .test)
        )
        #expect(batch.projections[0].values == [0, 1, 2, 3, 4, 5] && batch.sequenceLengths == [2, 1])
        let hidden = try ActivationsWorkload(
            path: try folder.write(floats: [("hidden_states", [2, 2, 2], logits)], integers: [mask]),
            tokensPerStep: 3,
            hidden: 2
        )
        #expect(try hidden.batch(step: 0).hidden.values == [0, 1, 2, 3, 4, 5])
        #expect(try hidden.batch(step: 0).sequenceLengths == [2, 1])
        let replayed = try trace(
            try folder.write(integers: [("layers.0.topk_index", [2, 2, 2], [0, 1, 2, 3, 4, 5, 9, 9]), mask]),
            layers: 1
        )
        #expect(try choices(replayed) == [[0, 1, 2, 3, 4, 5]])
        // Ids of two dimensions tell sequences, too.
        let ids = try TokenLabels(
            openTensorFile(try folder.write(integers: [("input_ids", [2, 2], [1, 2, 3, 4])])),
            tokens: 4,
            sequenceTokens: nil
        )
        #expect(ids.cut == .ends([2, 4]))
        let untold = try folder.write(floats: [("router_logits", [2, 2, 2], logits)])
        #expect(
            refusal { () throws(WorkloadError) in _ = try LogitsFile(path: untold) }?.contains(
                "or [sequence, position, expert] beside attention_mask, token_mask, token_ids or input_ids of [sequence, position]"
            ) == true
        )
    }

    /// Two names of one thing with different numbers; one that is known and not read.
    @Test func labelsThatDifferAreRefused() throws {
        let ids: (String, [Int], [Int16]) = ("topk_ids", [3, 1, 2], [0, 1, 2, 3, 4, 5])
        func notes(_ labels: (String, [Int], [Int16])...) throws(WorkloadError) -> [String] {
            guard let path = try? folder.write(integers: [ids] + labels) else { return ["cannot be written"] }
            return try trace(path, layers: 1).notes
        }
        #expect(
            refusal { () throws(WorkloadError) in
                _ = try notes(("token_ids", [3], [1, 2, 3]), ("input_ids", [3], [1, 2, 4]))
            } == "holds \"token_ids\" and \"input_ids\", which differ, allowed: one of them"
        )
        #expect(
            refusal { () throws(WorkloadError) in
                _ = try notes(("sequence_lengths", [2], [1, 2]), ("seq_lens", [2], [2, 1]))
            } == "holds \"sequence_lengths\" and \"seq_lens\", which differ, allowed: one of them"
        )
        #expect(try notes(("token_ids", [3], [1, 2, 3]), ("input_ids", [3], [1, 2, 3])).isEmpty)
        #expect(
            try notes(("cu_seqlens", [3], [0, 1, 3])).contains {
                $0.hasSuffix("holds cu_seqlens, which a replay does not read")
            }
        )
    }

    /// The rows that a mask or ids have are those that lengths fill; others are refused, whatever they add up to.
    @Test func lengthsAreThoseOfTheRowsThatAreThere() throws {
        func labels(_ lengths: [Int16]) throws -> TokenLabels {
            let path = try folder.write(
                integers: [("input_ids", [2, 3], [1, 2, 0, 3, 0, 0]), ("sequence_lengths", [lengths.count], lengths)]
            )
            return try TokenLabels(openTensorFile(path), tokens: 6, sequenceTokens: nil)
        }
        let padded = try labels([2, 1])
        #expect(padded.ids == [1, 2, 3])
        #expect(padded.kept.note?.contains("sequence_lengths, each of 3 rows that are filled up at their ends") == true)
        #expect(throws: TensorFileError.self) { try labels([1, 1, 1]) }
        #expect(throws: TensorFileError.self) { try labels([5]) }
    }
}

/// Numbers that are not finite: found before anything starts, by file, tensor and place.
@Suite struct NotFiniteTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func hiddenStatesAreCheckedWhenOpened() throws {
        let values: [Float] = [0, 1, 2, 3, .nan, 5, 6, .infinity]
        let path = try folder.write(floats: [("hidden_states", [4, 2], values)])
        func open(_ steps: Int?) throws(WorkloadError) {
            _ = try ActivationsWorkload(path: path, tokensPerStep: 2, hidden: 2, steps: steps)
        }
        #expect(
            refusal { () throws(WorkloadError) in try open(nil) }
                == "tensor \"hidden_states\": is nan at [2, 0]; finite numbers are allowed"
        )
        // Rows that no step takes are not looked at.
        #expect(refusal { () throws(WorkloadError) in try open(1) } == nil)
        #expect(refusal { () throws(WorkloadError) in try open(2) } != nil)
        #expect(refusal { () throws(WorkloadError) in try open(.max) } != nil)
    }

    /// Padding may hold anything.
    @Test func paddingIsNotChecked() throws {
        let path = try folder.write(
            floats: [("hidden_states", [2, 2], [0, 1, .nan, .nan])],
            integers: [("attention_mask", [2], [1, 0])]
        )
        let workload = try ActivationsWorkload(path: path, tokensPerStep: 2, hidden: 2)
        #expect(try workload.batch(step: 0).hidden.values == [0, 1, 0, 1])
    }
}
