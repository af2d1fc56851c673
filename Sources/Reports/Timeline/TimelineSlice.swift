/// A slice that shares a thread with others, wherever it has room.
struct TimelineSlice {
    let name: String
    let span: Range<Int64>
    var arguments: [TimelineEvent.Argument] = []
    /// The arrow that passes through it.
    var flow: (moment: TimelineEvent.Flow, id: Int)?
}
