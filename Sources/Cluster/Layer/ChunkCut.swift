/// A run of a rank's rows that travels as one message.
public struct ChunkCut: Equatable, Sendable {
    /// Rows of the rank's batch.
    public let rows: Range<Int>
    /// The segments of these rows.
    public let segments: [BatchLayout.Segment]

    /// Cuts a batch into chunks of at most `limit` rows. A segment is only cut after a multiple of `block` rows, counted
    /// from its first.
    ///
    /// - Precondition: `limit >= block` and `block >= 1`.
    public static func cut(_ batch: RankBatch, limit: Int, block: Int) -> [ChunkCut] {
        precondition(block >= 1 && limit >= block, "a chunk holds at least one block of rows")
        var chunks: [ChunkCut] = []
        var start = 0
        var segments: [BatchLayout.Segment] = []
        var filled = 0
        for segment in batch.segments {
            var left = segment.rows
            while left > 0 {
                let room = limit - filled
                let taken = left <= room ? left : room - room % block
                if taken > 0 { segments.append(BatchLayout.Segment(slot: segment.slot, rows: taken)) }
                filled += taken
                left -= taken
                guard left > 0 || filled == limit else { continue }
                chunks.append(ChunkCut(rows: start..<start + filled, segments: segments))
                (start, filled, segments) = (start + filled, 0, [])
            }
        }
        if filled > 0 { chunks.append(ChunkCut(rows: start..<start + filled, segments: segments)) }
        return chunks
    }
}
