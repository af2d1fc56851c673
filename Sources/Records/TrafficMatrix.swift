public import MoE
public import Placement

/// The number and size of token rows per (source rank, rank), for one layer in one step.
///
/// Tokens are owned by source ranks (``SourceRanks``), as in attention data-parallelism. `naive` counts a row
/// for every routed copy; `deduplicated` counts it once per rank that needs it, however many experts it has there.
public struct TrafficMatrix: Codable, Equatable, Sendable {
    /// Number of ranks, R.
    public var ranks: Int
    /// Token rows sent per (source rank, rank), one per routed copy, `[R * R]`, source rank major.
    public var naiveRows: [Int]
    /// Token rows sent per (source rank, rank), one per token and rank that needs it, `[R * R]`, source rank major.
    public var deduplicatedRows: [Int]
    /// Bytes of a token row on its way to an expert (dispatch).
    public var dispatchRowBytes: Int
    /// Bytes of a token row on its way back (combine).
    public var combineRowBytes: Int

    /// The matrix of a layer whose pairs of ranks were not counted.
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

extension TrafficMatrix {
    /// Count the rows that a plan sends from the owners of its tokens to the ranks of their experts.
    ///
    /// Copies that were dropped are not sent and do not count. Rows that stay on their rank do count, on the diagonal.
    /// The row of a copy goes to the rank of its slot.
    ///
    /// - Parameters:
    ///   - plan: the routing of one layer in one step.
    ///   - slots: the slot that computes each copy.
    ///   - dispatchRowBytes: bytes of one token row on its way to an expert.
    ///   - combineRowBytes: bytes of one token row on its way back.
    ///   - sources: the rank that owns each token; nil for equal runs.
    /// - Precondition: `slots` was made of `plan`.
    public init(
        plan: DispatchPlan,
        slots: SlotPlan,
        dispatchRowBytes: Int,
        combineRowBytes: Int,
        sources: SourceRanks? = nil
    ) {
        precondition(slots.slotOfCopy.count == plan.copies, "a slot for each copy")
        let (ranks, rankOfSlot) = (slots.placement.ranks, slots.placement.rankOfSlot)
        let sources = sources ?? SourceRanks(tokens: plan.tokens, ranks: ranks)
        var naive = [Int](repeating: 0, count: ranks * ranks)
        var deduplicated = naive
        var lastTokenSent = [Int](repeating: -1, count: ranks)
        for token in 0..<plan.tokens {
            let source = sources.rank(ofToken: token)
            for copy in plan.copies(ofToken: token) {
                guard let slot = slots.slot(ofCopy: copy) else { continue }
                let rank = Int(rankOfSlot[slot])
                naive[source * ranks + rank] += 1
                guard lastTokenSent[rank] != token else { continue }
                lastTokenSent[rank] = token
                deduplicated[source * ranks + rank] += 1
            }
        }
        self.init(
            ranks: ranks,
            naiveRows: naive,
            deduplicatedRows: deduplicated,
            dispatchRowBytes: dispatchRowBytes,
            combineRowBytes: combineRowBytes
        )
    }

    /// Token rows over all pairs of ranks, one per routed copy.
    public var naiveTotal: Int { naiveRows.reduce(0, +) }

    /// Token rows over all pairs of ranks, one per token and rank that needs it.
    public var deduplicatedTotal: Int { deduplicatedRows.reduce(0, +) }
}
