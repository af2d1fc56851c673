import Tensors
import TestSupport
import Testing
import Workloads

/// Hidden states from files; expected numbers of the real file were computed with NumPy.
@Suite struct ActivationsWorkloadTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func readsRealHiddenStates() throws {
        let workload = try ActivationsWorkload(path: realActivations, tokensPerStep: 4096, hidden: 384)
        let batch = try workload.batch(step: 0)
        #expect(batch.gate == .model)
        #expect(batch.hidden.rows == 4096 && batch.hidden.columns == 384)
        #expect(Array(batch.hidden.row(0).prefix(4)) == [0.021759033, 0.05709839, 0.079711914, 0.040893555])
        #expect(Array(batch.hidden.row(4095).suffix(4)) == [0.57958984, -0.1862793, -0.98876953, -0.46850586])
        #expect(abs(batch.hidden.row(1000).reduce(0) { $0 + Double($1) } + 4.747434616088867) < 1e-12)
        #expect(abs(mean(batch.hidden.values.map { $0 * $0 }) - 0.4500293317681667) < 1e-7)
    }

    @Test func stepsFollowOneAnotherAndCycle() throws {
        let all = try ActivationsWorkload(path: realActivations, tokensPerStep: 4096, hidden: 384).batch(step: 0).hidden
        let workload = try ActivationsWorkload(path: realActivations, tokensPerStep: 1000, hidden: 384)
        #expect(try workload.batch(step: 3).hidden.values == Array(all.values[3000 * 384..<4000 * 384]))
        let wrapped = Array(all.values[4000 * 384..<4096 * 384] + all.values[0..<904 * 384])
        #expect(try workload.batch(step: 4).hidden.values == wrapped)
    }

    @Test func summaryTellsTheSource() throws {
        let workload = try ActivationsWorkload(path: realActivations, tokensPerStep: 1024, hidden: 384)
        #expect(
            workload.summary
                == WorkloadSummary(
                    kind: .activations,
                    source: "minilm-l6.layer3.safetensors",
                    distinctTokens: 4096,
                    tokensPerStep: 1024
                )
        )
        #expect(workload.summary.passes(steps: 6) == 1.5)
    }

    @Test func choosesTheTensor() throws {
        func values(_ path: String, _ name: String? = nil) throws -> [Float] {
            try ActivationsWorkload(path: path, tensor: name, tokensPerStep: 1, hidden: 2).batch(step: 0).hidden.values
        }
        let only = try folder.write(
            floats: [("x", [1, 2], [1, 2]), ("y", [2], [3, 4])],
            integers: [("i", [1, 2], [5, 6])]
        )
        #expect(try values(only) == [1, 2])
        let two = try folder.write(floats: [("x", [1, 2], [1, 2]), ("hidden_states", [1, 2], [3, 4])])
        #expect(try values(two) == [3, 4])
        #expect(try values(two, "x") == [1, 2])
    }

    /// Owners are those of tokens: a row of padding has none, whatever stands there.
    @Test func ownersOfTokensAreRead() throws {
        let path = try folder.write(
            "owners.safetensors",
            floats: [("hidden_states", [4, 2], (0..<8).map { Float($0) })],
            integers: [("source_rank", [4], [1, 9, 0, 2]), ("attention_mask", [4], [1, 0, 1, 1])]
        )
        func open(ranks: Int?) throws(WorkloadError) -> ActivationsWorkload {
            try ActivationsWorkload(path: path, tokensPerStep: 2, hidden: 2, ranks: ranks)
        }
        let workload = try open(ranks: 3)
        #expect(try (0..<3).map { try workload.outline(step: $0).sourceRanks } == [[1, 0], [2, 1], [0, 2]])
        #expect(workload.notes.count == 1)
        let refused = refusal { () throws(WorkloadError) in _ = try open(ranks: 2) }
        #expect(refused?.contains("is 2 for token 3; allowed are 0 to 1, as cluster.workers is 2") == true)
        let unowned = try open(ranks: nil)
        #expect(try unowned.batch(step: 0).sourceRanks == nil)
        #expect(unowned.notes.last == "owners.safetensors holds source_rank, which activations do not read")
        let short = try folder.write(
            floats: [("hidden_states", [2, 2], [1, 2, 3, 4])],
            integers: [("source_rank", [3], [0, 0, 0])]
        )
        #expect(
            refusal { () throws(WorkloadError) in
                _ = try ActivationsWorkload(path: short, tokensPerStep: 1, hidden: 2, ranks: 1)
            }?.contains("has shape [3]; one rank for each of 2 tokens is needed") == true
        )
    }

    @Test func whatStandsBesideHiddenStatesIsNoted() throws {
        let path = try folder.write(
            "beside.safetensors",
            floats: [
                ("hidden_states", [1, 2], [1, 2]), ("layers.0.block_input", [1, 2], [3, 4]),
                ("e_score_correction_bias", [8], [Float](repeating: 0, count: 8)), ("other", [3], [1, 2, 3]),
            ]
        )
        func notes(_ name: String?) throws -> [String] {
            try ActivationsWorkload(path: path, tensor: name, tokensPerStep: 1, hidden: 2, ranks: 1).notes
        }
        let bias = "beside.safetensors holds e_score_correction_bias, which activations do not read"
        #expect(
            try notes(nil) == [
                bias
                    + "; beside.safetensors holds hidden_states, which is taken, and layers.0.block_input of the same shape; "
                    + "workload.tensor names another"
            ]
        )
        #expect(try notes("layers.0.block_input") == [bias])
    }

    @Test func refusesUnclearTensors() throws {
        func refused(_ path: String, _ name: String? = nil) -> String? {
            refusal { () throws(WorkloadError) in
                _ = try ActivationsWorkload(path: path, tensor: name, tokensPerStep: 1, hidden: 2)
            }
        }
        let two = try folder.write(floats: [("x", [1, 2], [1, 2]), ("y", [2, 2], [3, 4, 5, 6]), ("z", [0, 2], [])])
        #expect(
            refused(two) == "holds no \"hidden_states\" and 3 tensors [token, hidden] of real numbers: \"x\" [1, 2], "
                + "\"y\" [2, 2], \"z\" [0, 2]; name one as workload.tensor"
        )
        #expect(refused(two, "w") == "holds no tensor \"w\"; it holds \"x\", \"y\", \"z\"")
        #expect(refused(two, "z") == "tensor \"z\": has no rows; at least one token is needed")
        let none = try folder.write(integers: [("i", [1, 2], [1, 2])])
        #expect(
            refused(none) == "holds no \"hidden_states\" and 0 tensors [token, hidden] of real numbers; "
                + "name one as workload.tensor"
        )
        #expect(
            refused(none, "i") == "tensor \"i\": has shape [1, 2] of I16; [token, hidden] of real numbers is needed"
        )
        #expect(refused("x.bin") == "is not named as a tensor file; allowed are .safetensors, .npy, .npz, .pt and .pth")
    }

    @Test func refusesAnotherWidth() {
        let found = refusal { () throws(WorkloadError) in
            _ = try ActivationsWorkload(path: realActivations, tokensPerStep: 1, hidden: 512)
        }
        let sentence = "is 384 wide, but model.hidden is 512; model.hidden must be 384"
        #expect(found == "tensor \"hidden_states\": \(sentence)")
    }

    @Test func refusesValuesThatAreNotFinite() throws {
        let path = try folder.write(floats: [("x", [3, 2], [0, 0, 0, 0, 0, .infinity])])
        let workload = try ActivationsWorkload(path: path, tokensPerStep: 2, hidden: 2, steps: 1)
        #expect(refusal { () throws(WorkloadError) in _ = try workload.batch(step: 0) } == nil)
        // As in a file that has changed since it was opened.
        #expect(
            refusal { () throws(WorkloadError) in _ = try workload.batch(step: 1) }
                == "tensor \"x\": is inf at [2, 1]; finite numbers are allowed"
        )
    }
}
