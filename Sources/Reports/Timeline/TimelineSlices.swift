import Records

/// A leg of the way of a chunk, which is a slice of its own.
enum ChunkLeg: CaseIterable {
    case dispatch
    case compute
    case combine

    /// The kind of the thread with the slices of the leg.
    var thread: TimelineThread.Kind {
        switch self {
        case .dispatch: .send
        case .compute: .compute
        case .combine: .receive
        }
    }

    /// The slice of the leg of a chunk.
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

/// A slice in the first lane of its thread that is free.
struct TimelineSlice {
    let name: String
    let span: Range<Int64>
    var arguments: [TimelineEvent.Argument] = []
    /// The arrow that passes through the slice, or nil.
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
    /// The phases of the coordinator, which every rank has.
    var coordinatorPieces: [PhasePiece] {
        (ranks.first?.pieces ?? []).filter { !Phase.ofRank.contains($0.phase) }
    }
}
