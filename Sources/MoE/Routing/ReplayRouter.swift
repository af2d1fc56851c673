/// Repeats choices that were recorded elsewhere, in the order in which they were recorded.
public struct ReplayRouter: Router {
    /// The most choices that were recorded of a token, k.
    public var topK: Int
    /// How many copies an expert takes, or nil to drop nothing.
    public var capacity: CapacityRule?

    /// A router that replays ``RouterBatch/recorded``.
    public init(topK: Int, capacity: CapacityRule? = nil) {
        self.topK = topK
        self.capacity = capacity
    }

    /// None: a replay reads no logits.
    public var projections: [RouterProjection] { [] }

    /// Without a capacity.
    public var decidesPerToken: Bool { capacity == nil }

    /// k.
    public func mostCopies(experts: Int) -> Int { topK }

    /// Routes one batch as it was recorded; without recorded weights, each of a token's m choices weighs 1/m.
    ///
    /// ``ChoiceRows/none`` is no choice: such a token has fewer copies than k, or none.
    ///
    /// - Throws: ``RoutingError`` when nothing was recorded, when it is not one row of choices per token, or when a
    ///   token chooses an expert that the model does not have, chooses one twice, or has a weight that is not finite.
    public func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing {
        guard let recorded = batch.recorded else {
            throw RoutingError("the batch holds no recorded choices to replay")
        }
        guard recorded.tokens == batch.tokens else {
            throw RoutingError("choices of \(recorded.tokens) tokens were recorded; the batch has \(batch.tokens)")
        }
        guard recorded.choicesPerToken == topK else {
            throw RoutingError("\(recorded.choicesPerToken) choices per token were recorded; top-k is \(topK)")
        }
        try batch.check(topK: topK)
        let replay = try Replay(recorded, experts: batch.experts)
        guard capacity != nil else { return replay.everyCopyPlaced() }
        var choices = ChoiceTable(
            experts: batch.experts,
            topK: topK,
            expert: recorded.experts,
            weight: replay.weights.map { Double($0) }
        )
        choices.isAsked = recorded.experts.map { $0 != ChoiceRows.none }
        let contest = try QueueContest(capacity, batch: batch)
        contest.settle(&choices)
        return Routing(
            plan: choices.plan(),
            importance: choices.importance(scale: 1),
            paddedRows: contest.paddedRows(topK: topK, experts: batch.experts)
        )
    }
}
