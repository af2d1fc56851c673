/// One chunk on its way to a rank and back.
public struct ChunkTrack: Equatable, Sendable {
    /// Its moments, in order; see ``ChunkStamps/fitted``.
    public var stamps: ChunkStamps
    /// Routed copies in it.
    public var copies: Int
    /// Bytes sent to the rank: envelope and payload.
    public var dispatchBytes: Int
    /// Bytes received from the rank: envelope and payload.
    public var combineBytes: Int

    /// A chunk.
    public init(stamps: ChunkStamps, copies: Int, dispatchBytes: Int, combineBytes: Int) {
        self.stamps = stamps
        self.copies = copies
        self.dispatchBytes = dispatchBytes
        self.combineBytes = combineBytes
    }

    /// The same chunk with its stamps put in order; see ``ChunkStamps/fitted``.
    public var fitted: ChunkTrack {
        ChunkTrack(
            stamps: stamps.fitted.stamps,
            copies: copies,
            dispatchBytes: dispatchBytes,
            combineBytes: combineBytes
        )
    }
}
