import Records

/// Bytes on their way to a rank and back from a moment on.
struct BytesInFlight: Equatable {
    var time: Int64
    var dispatch = 0
    var combine = 0

    /// The levels of chunks, in order of time, one per moment at which they change; the last has none on their way.
    static func levels(_ chunks: [ChunkTrack]) -> [BytesInFlight] {
        let changes = chunks.flatMap { chunk in
            [
                BytesInFlight(time: chunk.stamps.handedOver, dispatch: chunk.dispatchBytes),
                BytesInFlight(time: chunk.stamps.received, dispatch: -chunk.dispatchBytes),
                BytesInFlight(time: chunk.stamps.returned, combine: chunk.combineBytes),
                BytesInFlight(time: chunk.stamps.collected, combine: -chunk.combineBytes),
            ]
        }
        var levels: [BytesInFlight] = []
        var level = BytesInFlight(time: 0)
        for change in changes.sorted(by: { $0.time < $1.time }) {
            level.dispatch += change.dispatch
            level.combine += change.combine
            if levels.last?.time == change.time { levels.removeLast() }
            level.time = change.time
            levels.append(level)
        }
        return levels
    }
}
