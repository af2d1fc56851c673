import Testing

@testable import Cluster

/// Runs of tokens.
@Suite struct ChunkRangesTests {
    private func runs(_ tokens: Int, _ size: Int) -> [Range<Int>] {
        var ranges = ChunkRanges(tokens: tokens, size: size)
        var runs: [Range<Int>] = []
        while let next = ranges.next {
            runs.append(next)
            ranges.take(upTo: next.upperBound)
        }
        return runs
    }

    @Test(arguments: [1, 2, 23, 24, 25, 100], [1, 7, 24, 1000])
    func runsCoverTheTokens(tokens: Int, size: Int) {
        let runs = runs(tokens, size)
        #expect(runs.flatMap { Array($0) } == Array(0..<tokens))
        #expect(runs.allSatisfy { (1...size).contains($0.count) })
        #expect(runs.count == (tokens + size - 1) / size)
    }

    /// Not 24 tokens and one that is left over.
    @Test func runsAreOfNearlyEqualLength() {
        #expect(runs(25, 24) == [0..<13, 13..<25])
        #expect(runs(0, 24) == [])
    }

    @Test func theNextRunBeginsWhereOneWasCutShort() {
        var ranges = ChunkRanges(tokens: 10, size: 5)
        ranges.take(upTo: 3)
        #expect(ranges.next == 3..<8)
    }
}
