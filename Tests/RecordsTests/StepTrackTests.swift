import Testing

@testable import Records

@Suite("Steps of which only sums are known")
struct StepTrackTests {
    /// Two layers of 100 and 120 ns; rank 1 gets nothing.
    private var record: StepRecord {
        let busy = PhaseSeconds(dispatch: 20e-9, queue: 5e-9, compute: 40e-9, combine: 10e-9, wait: 0)
        let layers = [100e-9, 120e-9].enumerated().map { index, seconds in
            var record = LayerRecord(
                layer: index,
                expertCopies: [],
                expertDropped: [],
                importance: [],
                tokensWithoutExpert: 0,
                losses: []
            )
            let inside = seconds - 25e-9
            var used = busy
            used.wait = inside - busy.total
            record.ranks = [rank(0, copies: 7, used), rank(1, copies: 0, PhaseSeconds(wait: inside))]
            record.gateSeconds = 15e-9
            record.sharedSeconds = 4e-9
            record.mergeSeconds = 6e-9
            record.seconds = seconds
            return record
        }
        return StepRecord(step: 3, tokens: 4, seconds: 220e-9, layers: layers)
    }

    private func rank(_ rank: Int, copies: Int, _ seconds: PhaseSeconds) -> RankRecord {
        RankRecord(
            rank: rank,
            copies: copies,
            sharedTokens: 0,
            dispatchBytes: copies * 10,
            combineBytes: copies * 20,
            seconds: seconds,
            dispatchInFlightSeconds: 0,
            combineInFlightSeconds: 0
        )
    }

    @Test func phasesFollowEachOther() {
        let track = StepTrack(of: record, starting: 1000)
        #expect(track.step == 3 && track.span == 1000..<1220 && track.coordinator.isEmpty)
        #expect(track.layers.map(\.span) == [1000..<1100, 1100..<1220])
        let first = track.layers[0].ranks[0]
        #expect(first.pieces.map(\.phase) == [.gate, .dispatch, .queue, .compute, .combine, .shared, .merge])
        #expect(first.pieces.map(\.span.upperBound) == [1015, 1035, 1040, 1080, 1090, 1094, 1100])
        #expect(track.layers[0].ranks[1].pieces.map(\.phase) == [.gate, .wait, .shared, .merge])
    }

    @Test func theCopiesOfARankAreOneChunk() throws {
        let track = StepTrack(of: record, starting: 1000)
        let chunk = try #require(track.layers[1].ranks[0].chunks.first)
        #expect(track.layers.allSatisfy { $0.ranks[0].chunks.count == 1 && $0.ranks[1].chunks.isEmpty })
        #expect(chunk.stamps == ChunkStamps(ready: 1115, 1115, 1135, 1140, 1180, 1180, 1190))
        #expect(chunk.copies == 7 && chunk.dispatchBytes == 70 && chunk.combineBytes == 140)
    }

    @Test(arguments: [Double.nan, .infinity, -1, 1e300])
    func timesThatAreNoneDoNoHarm(seconds: Double) {
        var record = record
        record.layers[0].seconds = seconds
        record.layers[0].gateSeconds = seconds
        record.layers[1].ranks[0].seconds.compute = seconds
        record.seconds = seconds
        for start in [0, Int64.max - 5] {
            let track = StepTrack(of: record, starting: start)
            for layer in track.layers {
                for rank in layer.ranks {
                    #expect(rank.pieces.allSatisfy { $0.span.clamped(to: layer.span) == $0.span })
                }
            }
        }
    }
}
