import Records
import Tensors
import Testing

@Suite("The median step and the worst")
struct TrackKeeperTests {
    private func track(_ step: Int, length: Int64, pieces: Int = 1) -> StepTrack {
        let piece = PhasePiece(phase: .wait, span: 0..<1)
        let rank = RankTrack(rank: 0, pieces: [PhasePiece](repeating: piece, count: pieces), chunks: [])
        let layer = LayerTrack(layer: 0, span: 0..<length, ranks: [rank])
        return StepTrack(step: step, span: 0..<length, layers: [layer])
    }

    private func keeper(_ lengths: [Int64], pieces: Int = 1) -> TrackKeeper {
        var keeper = TrackKeeper()
        for (step, length) in lengths.enumerated() { keeper.add(track(step, length: length, pieces: pieces)) }
        return keeper
    }

    @Test func withoutStepsThereIsNone() {
        #expect(TrackKeeper().median == nil && TrackKeeper().worst == nil)
    }

    @Test func shortRunsAreExact() {
        let odd = keeper([50, 10, 40, 20, 90])
        #expect(odd.median?.step == 2 && odd.worst?.step == 4)
        // The median of an even number lies between two; both are as near, and the first counts.
        let even = keeper([50, 10, 90, 20])
        #expect(even.median?.step == 0 && even.worst?.step == 2)
        let equal = keeper([7, 7, 7])
        #expect(equal.median?.step == 0 && equal.worst?.step == 0)
    }

    /// Lengths that come in any order: what is kept is within a percent of the middle.
    @Test(arguments: UInt64(1)...10)
    func longRunsComeNearTheMedian(seed: UInt64) throws {
        let random = CounterRandom(seed: seed, purpose: .test)
        let lengths = (0..<1000).map { 1000 + Int64(random.uniform($0) * 1000) }
        let keeper = keeper(lengths)
        let sorted = lengths.sorted()
        let length = try #require(keeper.median?.span.upperBound)
        #expect(sorted[480] <= length && length <= sorted[520], "\(length), median \(sorted[500])")
        #expect(keeper.worst?.span.upperBound == sorted[999])
    }

    /// Tracks too large to keep more than one of them.
    @Test func largeTracksAreFew() {
        let keeper = keeper([30, 10, 20], pieces: TrackKeeper.mostPieces)
        #expect(keeper.worst?.step == 0)
        #expect(keeper.median != nil)
    }
}
