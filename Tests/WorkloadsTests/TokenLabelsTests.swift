import MoE
import Tensors
import TestSupport
import Testing

@testable import Workloads

/// Vocabulary ids and sequences of the tokens of a step.
@Suite struct TokenLabelsTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// The sequences of a step, token by token: a new one where the source says so and at every beginning of it.
    private func slowLengths(_ source: [Int], from start: Int, count: Int) -> [Int] {
        let sequence = source.enumerated().flatMap { [Int](repeating: $0.offset, count: $0.element) }
        var lengths: [Int] = []
        for position in start..<start + count {
            let row = position % sequence.count
            let isNew = position == start || row == 0 || sequence[row] != sequence[row - 1]
            if isNew { lengths.append(1) } else { lengths[lengths.count - 1] += 1 }
        }
        return lengths
    }

    @Test func sequencesAreCutAtStepsAndAtTheEndOfTheSource() {
        let seed = UInt64.random(in: .min ... .max)
        let random = CounterRandom(seed: seed, purpose: .test)
        for trial in 0..<200 {
            func draw(_ index: Int, _ count: Int) -> Int {
                Int(random.uniformDouble(trial << 8 + index) * Double(count))
            }
            let source = (0..<1 + draw(0, 6)).map { 1 + draw(1 + $0, 9) }
            let ends = source.indices.map { source[...$0].reduce(0, +) }
            let rows = CyclicRows(count: source.reduce(0, +), perStep: 1 + draw(20, 40))
            for step in 0..<5 {
                let start = rows.row(at: step * rows.perStep)
                let found = SequenceCut.ends(ends).lengths(from: start, count: rows.perStep)
                let expected = slowLengths(source, from: start, count: rows.perStep)
                #expect(found == expected, "\(source), \(rows.perStep) per step, step \(step), seed \(seed)")
            }
        }
    }

    @Test func aGivenLengthCutsEveryStepFromItsBeginning() {
        #expect(SequenceCut.every(4).lengths(from: 7, count: 10) == [4, 4, 2])
        #expect(SequenceCut.every(4).lengths(from: 0, count: 8) == [4, 4])
        #expect(SequenceCut.every(100).lengths(from: 0, count: 8) == [8])
        #expect(SequenceCut.nowhere.lengths(from: 0, count: 8) == nil)
    }

    @Test func activationsHaveTheIdsAndSequencesOfTheirFile() throws {
        for name in ["token_ids", "input_ids"] {
            let path = try folder.write(
                floats: [("hidden_states", [5, 1], [0, 1, 2, 3, 4])],
                integers: [(name, [5], [7, 3, 7, 0, 9]), ("sequence_lengths", [2], [3, 2])]
            )
            let workload = try ActivationsWorkload(path: path, tokensPerStep: 4, hidden: 1)
            #expect(try workload.batch(step: 0).tokenIDs == [7, 3, 7, 0])
            #expect(try workload.batch(step: 0).sequenceLengths == [3, 1])
            #expect(try workload.batch(step: 1).tokenIDs == [9, 7, 3, 7])
            #expect(try workload.batch(step: 1).sequenceLengths == [1, 3])
            #expect(workload.tokenFrequencies == [1, 0, 0, 1, 0, 0, 0, 2, 0, 1])
            let cut = try ActivationsWorkload(path: path, tokensPerStep: 4, hidden: 1, sequenceTokens: 3)
            #expect(try cut.batch(step: 0).sequenceLengths == [3, 1])
            #expect(try cut.batch(step: 1).sequenceLengths == [3, 1])
            #expect(try cut.batch(step: 1).tokenIDs == [9, 7, 3, 7])
        }
    }

    @Test func realActivationsHaveIdsAndNoSequences() throws {
        let workload = try ActivationsWorkload(path: realActivations, tokensPerStep: 4096, hidden: 384)
        let batch = try workload.batch(step: 0)
        // The file holds no [CLS]; the GPL begins with "GNU General Public License", ids of all-MiniLM-L6-v2.
        #expect(batch.tokenIDs?.count == 4096)
        #expect(batch.tokenIDs.map { Array($0.prefix(4)) } == [27004, 2236, 2270, 6105])
        #expect(batch.sequenceLengths == nil)
        #expect(workload.tokenFrequencies?.reduce(0, +) == 4096)
    }

    @Test func filesWithoutLabelsGiveNone() throws {
        let path = try folder.write(floats: [("x", [2, 1], [0, 1])])
        let workload = try ActivationsWorkload(path: path, tokensPerStep: 2, hidden: 1)
        #expect(try workload.batch(step: 0).tokenIDs == nil)
        #expect(try workload.batch(step: 0).sequenceLengths == nil)
        #expect(workload.tokenFrequencies == nil)
    }

    @Test func tracesHaveTheSequencesOfTheirFile() throws {
        let path = try folder.write(
            integers: [("topk_ids", [5, 1, 1], [0, 1, 2, 3, 4]), ("sequence_lengths", [2], [3, 2])]
        )
        func workload(_ sequenceTokens: Int?) throws -> TraceWorkload {
            try TraceWorkload(
                path: path,
                tokensPerStep: 7,
                model: model(),
                topK: 1,
                seed: 1,
                sequenceTokens: sequenceTokens
            )
        }
        #expect(try workload(nil).batch(step: 0).sequenceLengths == [3, 2, 2])
        #expect(try workload(nil).batch(step: 1).sequenceLengths == [1, 2, 3, 1])
        #expect(try workload(4).batch(step: 1).sequenceLengths == [4, 3])
        #expect(try workload(nil).batch(step: 0).tokenIDs == nil)
    }

    @Test func wordsAreNumberedByFirstOccurrence() throws {
        let text = Array("to be or not to be, that".utf8)
        let workload = try TextWorkload(text: text, file: "t", seed: 1, tokensPerStep: 6, hidden: 1, sequenceTokens: 4)
        // to be or not to be | , that to be or not
        #expect(try workload.batch(step: 0).tokenIDs == [0, 1, 2, 3, 0, 1])
        #expect(try workload.batch(step: 1).tokenIDs == [4, 5, 0, 1, 2, 3])
        #expect(try workload.batch(step: 1).sequenceLengths == [4, 2])
        #expect(workload.tokenFrequencies == [2, 2, 1, 1, 1, 1])
    }

    @Test func syntheticTokensAreCutOnRequestOnly() throws {
        func workload(_ sequenceTokens: Int?) -> SyntheticWorkload {
            SyntheticWorkload(
                distribution: .uniform,
                seed: 1,
                tokensPerStep: 5,
                model: model(),
                sequenceTokens: sequenceTokens
            )
        }
        #expect(try workload(nil).batch(step: 1).sequenceLengths == nil)
        #expect(try workload(2).batch(step: 1).sequenceLengths == [2, 2, 1])
        #expect(try workload(2).batch(step: 1).tokenIDs == nil)
        #expect(workload(2).tokenFrequencies == nil)
    }

    @Test(arguments: [
        ("token_ids", [2], [0, 1], "holds 2 ids; 3 tokens need as many"),
        ("input_ids", [3], [0, -1, 2], "token 1 has id -1; allowed are 0 to 16777215"),
        ("sequence_lengths", [2], [1, 1], "the sequences hold 2 tokens; there are 3"),
        ("sequence_lengths", [2], [1, 3], "sequence 1 has length 3; allowed are 1 to 2"),
        ("sequence_lengths", [3], [1, 0, 2], "sequence 1 has length 0; allowed are 1 to 2"),
        ("sequence_lengths", [2], [3, 1], "sequence 1 has length 1; all 3 tokens have one"),
        ("sequence_lengths", [1, 1], [3], "has shape [1, 1]; [sequence] of integers is needed"),
        ("sequence_lengths", [0], [], "the sequences hold 0 tokens; there are 3"),
    ])
    func brokenLabelsAreRefused(name: String, shape: [Int], values: [Int16], message: String) throws {
        let activations = try folder.write(floats: [("x", [3, 1], [0, 1, 2])], integers: [(name, shape, values)])
        let found = refusal { () throws(WorkloadError) in
            _ = try ActivationsWorkload(path: activations, tokensPerStep: 1, hidden: 1)
        }
        #expect(found == "tensor \"\(name)\": \(message)")
        let trace = try folder.write(
            integers: [("topk_ids", [3, 1, 1], [0, 1, 2]), (name, shape, values)]
        )
        let replayed = refusal { () throws(WorkloadError) in
            _ = try TraceWorkload(path: trace, tokensPerStep: 1, model: model(), topK: 1, seed: 1)
        }
        #expect(replayed == "tensor \"\(name)\": \(message)")
    }

    @Test func idsOfRealNumbersAreRefused() throws {
        let path = try folder.write(floats: [("x", [1, 1], [0]), ("token_ids", [1], [0])])
        let found = refusal { () throws(WorkloadError) in
            _ = try ActivationsWorkload(path: path, tokensPerStep: 1, hidden: 1)
        }
        #expect(found?.hasPrefix("tensor \"token_ids\": is F32; integers are read from") == true)
    }
}
