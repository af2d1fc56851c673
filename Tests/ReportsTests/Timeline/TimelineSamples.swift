import Records
import Tensors

/// Steps of two layers and two ranks whose chunks overlap in every way.
enum TraceSamples {
    /// A step of 2000 ns.
    static func step(_ index: Int, seed: UInt64 = 1, chunks: Int = 6) -> StepTrack {
        let random = CounterRandom(seed: seed, purpose: .test, index)
        let start = Int64(index) * 3000 + 500
        let layers = (0..<2).map { layer in
            let span = start + Int64(layer) * 1000..<start + Int64(layer + 1) * 1000
            let ranks = (0..<2).map { rank in
                let track = (0..<chunks).map { chunk in
                    self.chunk(random, place: (layer * 2 + rank) * chunks + chunk, in: span)
                }
                return RankTrack(rank: rank, pieces: pieces(track, in: span), chunks: track)
            }
            return LayerTrack(layer: layer, span: span, ranks: ranks)
        }
        let work = CoordinatorPiece(work: .permute, layer: 0, span: start..<start + 40)
        let experts = CoordinatorPiece(work: .experts, layer: 0, span: start + 10..<start + 70)
        return StepTrack(step: index, span: start..<start + 2000, layers: layers, coordinator: [work, experts])
    }

    private static func chunk(_ random: CounterRandom, place: Int, in span: Range<Int64>) -> ChunkTrack {
        let length = Double(span.upperBound - span.lowerBound)
        var times: [Int64] = []
        for moment in 0..<7 {
            let share = Double(random.uniform(place * 7 + moment))
            times.append(span.lowerBound + Int64(share * length))
        }
        times.sort()
        let stamps = ChunkStamps(
            ready: times[0],
            handedOver: times[1],
            received: times[2],
            started: times[3],
            finished: times[4],
            returned: times[5],
            collected: times[6]
        )
        return ChunkTrack(stamps: stamps, copies: place + 1, dispatchBytes: 100 + place, combineBytes: 300 + place)
    }

    private static func pieces(_ chunks: [ChunkTrack], in span: Range<Int64>) -> [PhasePiece] {
        let active = span.lowerBound + 100..<span.upperBound - 50
        let timeline = RankTimeline(chunks: chunks.map(\.stamps), window: active)
        return [PhasePiece(phase: .gate, span: span.lowerBound..<active.lowerBound)] + timeline.pieces
            + [PhasePiece(phase: .merge, span: active.upperBound..<span.upperBound)]
    }
}
