/// Bytes of token rows per (source rank, rank) for one layer in one step.
///
/// Tokens are owned by source ranks in equal contiguous runs, as in attention data-parallelism. `naive` counts a row
/// for every routed copy; `deduplicated` counts it once per rank that needs it, however many experts it has there.
public struct TrafficMatrix: Codable, Equatable, Sendable {
    /// Number of ranks, R.
    public var ranks: Int
    /// Rows sent, `[R * R]`, source rank major, one per routed copy.
    public var naiveRows: [Int]
    /// Rows sent, `[R * R]`, one per (token, rank).
    public var deduplicatedRows: [Int]
    /// Bytes of a row in dispatch.
    public var dispatchRowBytes: Int
    /// Bytes of a row in combine.
    public var combineRowBytes: Int

    /// Pairs of ranks that were not counted.
    public static let uncounted = TrafficMatrix(
        ranks: 0,
        naiveRows: [],
        deduplicatedRows: [],
        dispatchRowBytes: 0,
        combineRowBytes: 0
    )

    /// A matrix over given row counts.
    public init(
        ranks: Int,
        naiveRows: [Int],
        deduplicatedRows: [Int],
        dispatchRowBytes: Int,
        combineRowBytes: Int
    ) {
        self.ranks = ranks
        self.naiveRows = naiveRows
        self.deduplicatedRows = deduplicatedRows
        self.dispatchRowBytes = dispatchRowBytes
        self.combineRowBytes = combineRowBytes
    }
}
