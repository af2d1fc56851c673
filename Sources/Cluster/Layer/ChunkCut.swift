/// A run of a rank's rows that travels as one message.
public struct ChunkCut: Equatable, Sendable {
    /// Rows of the rank's batch.
    public let rows: Range<Int>
    /// The segments of these rows.
    public let segments: [BatchLayout.Segment]

    /// Cuts a batch into chunks of at most `limit` rows; a segment may be cut in two.
    ///
    /// - Precondition: `limit >= 1`.
    public static func cut(_ batch: RankBatch, limit: Int) -> [ChunkCut] {
        precondition(limit >= 1, "a chunk holds at least one row")
        var chunks: [ChunkCut] = []
        var start = 0
        var segments: [BatchLayout.Segment] = []
        var filled = 0
        for segment in batch.segments {
            var left = segment.rows
            while left > 0 {
                let taken = min(left, limit - filled)
                segments.append(BatchLayout.Segment(slot: segment.slot, rows: taken))
                filled += taken
                left -= taken
                guard filled == limit else { continue }
                chunks.append(ChunkCut(rows: start..<start + filled, segments: segments))
                (start, filled, segments) = (start + filled, 0, [])
            }
        }
        if filled > 0 { chunks.append(ChunkCut(rows: start..<start + filled, segments: segments)) }
        return chunks
    }
}
