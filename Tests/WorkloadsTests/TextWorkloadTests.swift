import Foundation
import Tensors
import TestSupport
import Testing
import Workloads

/// Tokens from a text.
@Suite struct TextWorkloadTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func workload(
        _ text: String,
        seed: UInt64 = 1,
        tokens: Int,
        hidden: Int = 64
    ) throws -> TextWorkload {
        try TextWorkload(text: Array(text.utf8), file: "a/t.txt", seed: seed, tokensPerStep: tokens, hidden: hidden)
    }

    /// Different words of the letters a and b.
    private func words(_ count: Int, from first: Int) -> String {
        (first..<first + count)
            .map { "w" + String($0, radix: 2).replacing("0", with: "a").replacing("1", with: "b") }
            .joined(separator: " ")
    }

    private func correlation(_ left: ArraySlice<Float>, _ right: ArraySlice<Float>) -> Double {
        func dot(_ left: ArraySlice<Float>, _ right: ArraySlice<Float>) -> Double {
            zip(left, right).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        return dot(left, right) / (dot(left, left) * dot(right, right)).squareRoot()
    }

    @Test func aTokenDependsOnItsPlaceNotOnTheStep() throws {
        let text = (0..<50).map { "word\(["a", "b", "c"][$0 % 3]) \($0)" }.joined(separator: " ")
        let all = try workload(text, tokens: 100).batch(step: 0).hidden
        for perStep in [1, 7, 100, 130] {
            let steps = try workload(text, tokens: perStep)
            for step in [3, 0, 2, 1] {
                let hidden = try steps.batch(step: step).hidden
                for row in 0..<perStep { #expect(hidden.row(row) == all.row((step * perStep + row) % 100)) }
            }
        }
    }

    @Test func equalTokensInDifferentPlacesAreAlikeButNotEqual() throws {
        let text = "word " + words(40, from: 0) + " word other " + words(40, from: 40)
        let hidden = try workload(text, tokens: 83, hidden: 4096).batch(step: 0).hidden
        #expect(hidden.row(0) != hidden.row(41))
        #expect(abs(correlation(hidden.row(0), hidden.row(41)) - 0.75) < 0.05)
        #expect(abs(correlation(hidden.row(0), hidden.row(20))) < 0.1)
        // The token after "word" has it in its context, with weight 1 of norm sqrt(1 / (1 - 0.75^2)).
        let next = (0.75 * 0.25 * (1 - 0.75 * 0.75)).squareRoot()
        #expect(abs(correlation(hidden.row(0), hidden.row(42)) - next) < 0.05)
    }

    @Test func valuesHaveMeanZeroAndVarianceOne() throws {
        let values = try workload(words(200, from: 0), tokens: 200, hidden: 512).batch(step: 0).hidden.values
        #expect(abs(mean(values)) < 0.03)
        #expect(abs(mean(values.map { $0 * $0 }) - 1) < 0.03)
    }

    @Test func seedsGiveOtherEmbeddings() throws {
        let first = try workload("one two", seed: 1, tokens: 2).batch(step: 0)
        #expect(try workload("one two", seed: 1, tokens: 2).batch(step: 0) == first)
        #expect(try workload("one two", seed: 2, tokens: 2).batch(step: 0).hidden.row(0) != first.hidden.row(0))
    }

    @Test func summaryTellsTheSource() throws {
        let found = try workload("one two three", tokens: 6).summary
        #expect(found == WorkloadSummary(kind: .text, source: "t.txt", distinctTokens: 3, tokensPerStep: 6))
        #expect(found.passes(steps: 2) == 4)
    }

    @Test func readsAFile() throws {
        let path = try folder.write(Array("one two".utf8), as: "t.txt")
        let read = try TextWorkload(path: path, seed: 1, tokensPerStep: 2, hidden: 64)
        #expect(try read.batch(step: 0) == workload("one two", tokens: 2).batch(step: 0))
    }

    @Test func refusesWhatIsNoText() throws {
        func refused(_ bytes: [UInt8]) -> String? {
            refusal { () throws(WorkloadError) in
                let path = (try? folder.write(bytes, as: "t.txt")) ?? "not written"
                _ = try TextWorkload(path: path, seed: 1, tokensPerStep: 1, hidden: 1)
            }
        }
        #expect(refused(Array("abc ü".utf8) + [0xFF, 0x41]) == "is not UTF-8 at byte 6; a UTF-8 text is needed")
        #expect(refused(Array("abc".utf8) + [0xE2, 0x82]) == "is not UTF-8 at byte 3; a UTF-8 text is needed")
        #expect(refused([0xED, 0xA0, 0x80]) == "is not UTF-8 at byte 0; a UTF-8 text is needed")
        #expect(refused([]) == "holds no words; a text is needed")
        #expect(refused(Array(" \n ".utf8)) == "holds no words; a text is needed")
        let missing = refusal { () throws(WorkloadError) in
            _ = try TextWorkload(path: "missing.txt", seed: 1, tokensPerStep: 1, hidden: 1)
        }
        #expect(missing == "cannot be opened: No such file or directory")
    }
}
