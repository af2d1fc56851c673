public import MoE
public import Placement

extension TrafficMatrix {
    /// Counts the rows that a plan sends from the owners of its tokens to the ranks of their experts.
    ///
    /// Copies that were dropped are not sent and do not count. Rows that stay on their rank do count, on the diagonal.
    /// A replicated expert is reached at the rank that `LayerPlacement.rank(ofExpert:)` names.
    ///
    /// - Parameters:
    ///   - plan: the routing of one layer in one step.
    ///   - placement: where the experts are.
    ///   - dispatchRowBytes: bytes of one token row on its way to an expert.
    ///   - combineRowBytes: bytes of one token row on its way back.
    /// - Precondition: the plan and the placement have the same number of experts.
    public init(plan: DispatchPlan, placement: LayerPlacement, dispatchRowBytes: Int, combineRowBytes: Int) {
        precondition(plan.experts == placement.experts, "\(plan.experts) experts, \(placement.experts) of them placed")
        let ranks = placement.ranks
        let sources = SourceRanks(tokens: plan.tokens, ranks: ranks)
        let rankOfExpert = (0..<plan.experts).map { placement.rank(ofExpert: $0) }
        var naive = [Int](repeating: 0, count: ranks * ranks)
        var deduplicated = naive
        var lastTokenSent = [Int](repeating: -1, count: ranks)
        for source in 0..<ranks {
            for token in sources.tokens(ofRank: source) {
                for copy in plan.copies(ofToken: token) where plan.isKept(copy) {
                    let rank = rankOfExpert[Int(plan.expert[copy])]
                    naive[source * ranks + rank] += 1
                    guard lastTokenSent[rank] != token else { continue }
                    lastTokenSent[rank] = token
                    deduplicated[source * ranks + rank] += 1
                }
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

    /// Rows over all pairs, one per routed copy.
    public var naiveTotal: Int { naiveRows.reduce(0, +) }

    /// Rows over all pairs, one per (token, rank).
    public var deduplicatedTotal: Int { deduplicatedRows.reduce(0, +) }
}
