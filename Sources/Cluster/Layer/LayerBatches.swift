public import MoE
public import Placement

/// The dispatch of one layer in one step: for each rank its rows, and for each copy where its output will be.
public struct LayerBatches: Equatable, Sendable {
    /// Where the output of a copy stands: which rank's rows, and which of them.
    public struct Place: Equatable, Sendable {
        /// The rank that computes it.
        public var rank: Int32
        /// The row among the rank's.
        public var row: Int32
    }

    /// One batch per rank.
    public let ranks: [RankBatch]
    /// The place of each copy of the plan; nil for a dropped copy.
    public let places: [Place?]
    /// The place of each token's row for each expert that every token visits, `[expert][token]`.
    public let replicatedPlaces: [[Place]]

    /// Permutes the kept copies of a plan by expert and cuts them per rank.
    ///
    /// Rows for one expert are in token order. Each token's row for an expert that every token visits goes to the
    /// token's source rank, where that expert is replicated.
    ///
    /// - Parameters:
    ///   - plan: the routing of the layer.
    ///   - placement: which rank holds which expert.
    ///   - replicated: the experts that every rank holds behind its routed ones.
    public init(plan: DispatchPlan, placement: Placement, replicated: [ReplicatedVisits] = []) {
        var counts = [Int](repeating: 0, count: plan.experts)
        for copy in 0..<plan.copies where plan.isKept(copy) { counts[Int(plan.expert[copy])] += 1 }

        let sources = SourceRanks(tokens: plan.tokens, ranks: placement.ranks)
        var nextRow = [Int](repeating: 0, count: plan.experts)
        var rankOfExpert = [Int](repeating: 0, count: plan.experts)
        var builders: [RankBatchBuilder] = []
        for rank in 0..<placement.ranks {
            var builder = RankBatchBuilder(rank: rank, weightTarget: plan.weightTarget)
            for slot in placement.slots(onRank: rank) where placement.rank(ofExpert: slot.expert) == rank {
                rankOfExpert[slot.expert] = rank
                nextRow[slot.expert] = builder.rows
                builder.append(slot: slot.localIndex, rows: counts[slot.expert])
            }
            builder.routedRows = builder.rows
            for index in replicated.indices {
                builder.append(
                    slot: placement.slots(onRank: rank).count + index,
                    rows: sources.tokens(ofRank: rank).count
                )
            }
            builder.allocate()
            builders.append(builder)
        }

        var places = [Place?](repeating: nil, count: plan.copies)
        for token in 0..<plan.tokens {
            for copy in plan.copies(ofToken: token) where plan.isKept(copy) {
                let expert = Int(plan.expert[copy])
                let rank = rankOfExpert[expert]
                builders[rank].set(row: nextRow[expert], inputRow: token, gateWeight: plan.weight[copy])
                places[copy] = Place(rank: Int32(rank), row: Int32(nextRow[expert]))
                nextRow[expert] += 1
            }
        }
        self.places = places
        replicatedPlaces = replicated.enumerated().map { index, visits in
            Self.place(visits, at: index, tokens: plan.tokens, sources, &builders)
        }
        ranks = builders.map { $0.batch() }
    }

    private static func place(
        _ visits: ReplicatedVisits,
        at index: Int,
        tokens: Int,
        _ sources: SourceRanks,
        _ builders: inout [RankBatchBuilder]
    ) -> [Place] {
        (0..<tokens).map { token in
            let rank = sources.rank(ofToken: token)
            let own = sources.tokens(ofRank: rank)
            let row = builders[rank].routedRows + index * own.count + token - own.lowerBound
            builders[rank].set(
                row: row,
                inputRow: visits.firstRow + token,
                outputWeight: visits.weight(ofToken: token)
            )
            return Place(rank: Int32(rank), row: Int32(row))
        }
    }
}
