import Records

/// A part of the way of a chunk that is a slice of its own.
enum ChunkLeg: CaseIterable {
    case dispatch
    case compute
    case combine

    /// Where its slices are.
    var thread: TimelineThread.Kind {
        switch self {
        case .dispatch: .send
        case .compute: .compute
        case .combine: .receive
        }
    }

    /// The slice of a chunk.
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
