/// Repeats choices that were recorded elsewhere, in the order in which they were recorded.
public struct ReplayRouter: Router {
    /// Choices that were recorded per token, k.
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

    /// k.
    public func mostCopies(experts: Int) -> Int { topK }

    /// Routes one batch as it was recorded; without recorded weights, each of the k choices weighs 1/k.
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
        try check(recorded, experts: batch.experts)
        let equal = 1 / Float(recorded.choicesPerToken)
        let weights = recorded.weights ?? [Float](repeating: equal, count: recorded.experts.count)
        var importance = [Double](repeating: 0, count: batch.experts)
        for (expert, weight) in zip(recorded.experts, weights) {
            importance[Int(expert)] += Double(weight)
        }
        var choices = ChoiceTable(
            experts: batch.experts,
            topK: recorded.choicesPerToken,
            expert: recorded.experts,
            weight: weights.map { Double($0) }
        )
        let contest = try QueueContest(capacity, batch: batch)
        contest.settle(&choices)
        return Routing(
            plan: choices.plan(),
            importance: importance,
            paddedRows: contest.paddedRows(topK: recorded.choicesPerToken, experts: batch.experts)
        )
    }

    private func check(_ recorded: RecordedChoices, experts: Int) throws(RoutingError) {
        var lastToken = [Int](repeating: -1, count: experts)
        for (index, expert) in recorded.experts.enumerated() {
            let token = index / recorded.choicesPerToken
            guard expert >= 0 && expert < experts else {
                throw RoutingError("token \(token) chose expert \(expert); allowed are 0 to \(experts - 1)")
            }
            guard lastToken[Int(expert)] != token else {
                throw RoutingError("token \(token) chose expert \(expert) twice; its choices must differ")
            }
            lastToken[Int(expert)] = token
        }
        if let index = recorded.weights?.firstIndex(where: { !$0.isFinite }), let weights = recorded.weights {
            let token = index / recorded.choicesPerToken
            throw RoutingError("token \(token) has weight \(weights[index]); it must be finite")
        }
    }
}
