import Testing

@testable import Workloads

/// Going round and round a source.
@Suite struct CyclicRowsTests {
    @Test func wrapsAround() {
        let rows = CyclicRows(count: 5, perStep: 3)
        #expect(rows.pieces(step: 0) == [0..<3])
        #expect(rows.pieces(step: 1) == [3..<5, 0..<1])
        #expect(rows.pieces(step: 5) == [0..<3])
        #expect(CyclicRows(count: 2, perStep: 5).pieces(step: 1) == [1..<2, 0..<2, 0..<2])
    }

    @Test func cutsLongSteps() {
        #expect(CyclicRows(count: 10_000, perStep: 9000).pieces(step: 0) == [0..<4096, 4096..<8192, 8192..<9000])
        #expect(CyclicRows(count: 5000, perStep: 1).allPieces == [0..<4096, 4096..<5000])
    }

    @Test func isOneSequenceForAnyStepSize() {
        for count in 1...7 {
            for perStep in 1...9 {
                let rows = CyclicRows(count: count, perStep: perStep)
                let found = (0..<6).flatMap { rows.pieces(step: $0).flatMap { Array($0) } }
                #expect(found == (0..<6 * perStep).map { $0 % count })
                #expect(rows.row(at: -1) == count - 1)
            }
        }
    }

    @Test func summaryCountsPasses() {
        var summary = WorkloadSummary(kind: .text, source: "a", distinctTokens: 8, tokensPerStep: 3)
        #expect(summary.passes(steps: 4) == 1.5)
        summary.distinctTokens = nil
        #expect(summary.passes(steps: 4) == nil)
    }
}
