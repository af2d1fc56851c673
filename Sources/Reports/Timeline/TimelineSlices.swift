import Records

/// A leg of a chunk's way (to the rank, through its experts, and back), shown as one slice.
enum ChunkLeg: CaseIterable {
    case dispatch
    case compute
    case combine

    /// The kind of the thread that shows the slices of the leg.
    var thread: TimelineThread.Kind {
        switch self {
        case .dispatch: .send
        case .compute: .compute
        case .combine: .receive
        }
    }

    /// Return the slice for this leg of a chunk.
    ///
    /// - Parameter flow: the number of the arrow that joins the slices of the chunk.
    func slice(of chunk: ChunkTrack, layer: Int, flow: Int) -> TimelineSlice {
        let stamps = chunk.stamps
        let copies: TimelineEvent.Argument = ("copies", chunk.copies)
        switch self {
        case .dispatch:
            return TimelineSlice(
                name: "dispatch L\(layer)",
                span: stamps.handedOver..<stamps.received,
                arguments: [copies, ("bytes", chunk.dispatchBytes)],
                flow: (.start, flow)
            )
        case .compute:
            return TimelineSlice(
                name: "compute L\(layer)",
                span: stamps.started..<stamps.finished,
                arguments: [copies],
                flow: (.step, flow)
            )
        case .combine:
            return TimelineSlice(
                name: "combine L\(layer)",
                span: stamps.returned..<stamps.collected,
                arguments: [copies, ("bytes", chunk.combineBytes)],
                flow: (.finish, flow)
            )
        }
    }
}

/// A named span of time on a thread of the timeline, put into the first lane of the thread that is free.
struct TimelineSlice {
    let name: String
    let span: Range<Int64>
    var arguments: [TimelineEvent.Argument] = []
    /// The point of an arrow in the slice, with the number of the arrow, or nil.
    var flow: (moment: TimelineEvent.Flow, id: Int)?
}

extension StepTrack {
    /// The number of slices that the step adds to a timeline.
    var slices: Int {
        let steps = (layers.first?.ranks.count ?? 0) + (coordinator.isEmpty ? 0 : 1)
        return layers.reduce(steps + coordinator.count) { sum, layer in
            let ranks = layer.ranks.reduce(sum) { $0 + 1 + $1.pieces.count + ChunkLeg.allCases.count * $1.chunks.count }
            return ranks + (coordinator.isEmpty ? 0 : 1 + layer.coordinatorPieces.count)
        }
    }
}

extension LayerTrack {
    /// The pieces of the layer that are phases of the coordinator; they are the same for every rank.
    var coordinatorPieces: [PhasePiece] {
        (ranks.first?.pieces ?? []).filter { !Phase.ofRank.contains($0.phase) }
    }
}
