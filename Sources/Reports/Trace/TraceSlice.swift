/// A slice that shares a thread with others, wherever it has room.
struct TraceSlice {
    let name: String
    let span: Range<Int64>
    var arguments: [TraceEvent.Argument] = []
    /// The arrow that passes through it.
    var flow: (moment: TraceEvent.Flow, id: Int)?
}
