/// Recorded choices that were checked, with a weight for each.
struct Replay {
    private let recorded: RecordedChoices
    private let experts: Int
    /// The weights of the choices, `[tokens * k]`: the recorded ones, or 1/m for each choice of a token that has m
    /// choices.
    let weights: [Float]

    /// Check recorded choices, and weigh each.
    ///
    /// - Throws: ``RoutingError`` when a token chooses an expert that the model does not have, chooses one twice, or
    ///   has a weight that is not finite.
    init(_ recorded: RecordedChoices, experts: Int) throws(RoutingError) {
        self.recorded = recorded
        self.experts = experts
        let hasNone = try Self.check(recorded, experts: experts)
        let choices = recorded.choicesPerToken
        if let given = recorded.weights {
            weights = given
        } else if hasNone {
            weights = (0..<recorded.tokens).flatMap { token in
                let row = recorded.experts[recorded.row(token)]
                let count = row.count { $0 != ChoiceRows.none }
                return row.map { $0 == ChoiceRows.none ? 0 : 1 / Float(count) }
            }
        } else {
            weights = [Float](repeating: 1 / Float(choices), count: recorded.experts.count)
        }
    }

    /// The routing when nothing is dropped: every copy follows the ones before it in the queue of its expert.
    func everyCopyPlaced() -> Routing {
        var offsets = [0]
        offsets.reserveCapacity(recorded.tokens + 1)
        var taken = [Int32](repeating: 0, count: experts)
        var importance = [Double](repeating: 0, count: experts)
        var expert: [Int32] = []
        var weight: [Float] = []
        var position: [Int32] = []
        expert.reserveCapacity(recorded.experts.count)
        weight.reserveCapacity(recorded.experts.count)
        position.reserveCapacity(recorded.experts.count)
        var copy = 0
        for _ in 0..<recorded.tokens {
            for _ in 0..<recorded.choicesPerToken {
                defer { copy += 1 }
                let chosen = recorded.experts[copy]
                guard chosen != ChoiceRows.none else { continue }
                expert.append(chosen)
                weight.append(weights[copy])
                position.append(taken[Int(chosen)])
                taken[Int(chosen)] += 1
                importance[Int(chosen)] += Double(weights[copy])
            }
            offsets.append(expert.count)
        }
        let plan = DispatchPlan(
            experts: experts,
            copyOffsets: offsets,
            expert: expert,
            weight: weight,
            position: position
        )
        return Routing(plan: plan, importance: importance)
    }

    /// Check the choices and weights, and return true when a token has fewer than k choices.
    private static func check(_ recorded: RecordedChoices, experts: Int) throws(RoutingError) -> Bool {
        var lastToken = [Int](repeating: -1, count: experts)
        var hasNone = false
        var index = 0
        for token in 0..<recorded.tokens {
            for _ in 0..<recorded.choicesPerToken {
                let expert = recorded.experts[index]
                index += 1
                guard expert != ChoiceRows.none else {
                    hasNone = true
                    continue
                }
                guard expert >= 0 && expert < experts else {
                    throw RoutingError(
                        "token \(token) chose expert \(expert); allowed are 0 to \(experts - 1), and -1 for no choice"
                    )
                }
                guard lastToken[Int(expert)] != token else {
                    throw RoutingError("token \(token) chose expert \(expert) twice; its choices must differ")
                }
                lastToken[Int(expert)] = token
            }
        }
        if let index = recorded.weights?.firstIndex(where: { !$0.isFinite }), let weights = recorded.weights {
            let token = index / recorded.choicesPerToken
            throw RoutingError("token \(token) has weight \(weights[index]); it must be finite")
        }
        return hasNone
    }
}

/// Expert choices that were recorded elsewhere for the tokens of one layer, to be replayed instead of the gate's.
public struct RecordedChoices: Equatable, Sendable {
    /// The most choices of a token, k.
    public let choicesPerToken: Int
    /// The chosen experts, `[tokens * k]`, token after token; ``ChoiceRows/none`` where a token has fewer than k
    /// choices.
    public let experts: [Int32]
    /// The weights of the choices, `[tokens * k]`, or nil when only the choices were recorded; a replay then weighs
    /// each of a token's m choices with 1/m.
    public let weights: [Float]?

    /// Choices of `experts.count / choicesPerToken` tokens.
    ///
    /// - Precondition: the arrays hold a whole number of tokens.
    public init(choicesPerToken: Int, experts: [Int32], weights: [Float]?) {
        precondition(choicesPerToken > 0 && experts.count % choicesPerToken == 0, "a whole number of tokens")
        precondition(weights.map { $0.count == experts.count } ?? true, "one weight a choice")
        self.choicesPerToken = choicesPerToken
        self.experts = experts
        self.weights = weights
    }

    /// Number of tokens, T.
    public var tokens: Int { experts.count / choicesPerToken }
}

extension RecordedChoices {
    /// The record of a range of tokens.
    public func slice(_ range: Range<Int>) -> RecordedChoices {
        let places = range.lowerBound * choicesPerToken..<range.upperBound * choicesPerToken
        return RecordedChoices(
            choicesPerToken: choicesPerToken,
            experts: Array(experts[places]),
            weights: weights.map { Array($0[places]) }
        )
    }

    /// Join the records of consecutive runs of tokens into one.
    ///
    /// - Precondition: there is at least one, and all have equally many choices per token.
    public static func joined(_ parts: [RecordedChoices]) -> RecordedChoices {
        let weights = parts.compactMap(\.weights)
        return RecordedChoices(
            choicesPerToken: parts[0].choicesPerToken,
            experts: parts.flatMap(\.experts),
            weights: weights.count == parts.count ? Array(weights.joined()) : nil
        )
    }
}

/// The router that repeats choices that were recorded elsewhere, in the order in which they were recorded.
public struct ReplayRouter: Router {
    /// The most choices that were recorded of a token, k.
    public var topK: Int
    /// The rule of an expert's capacity, or nil to drop nothing.
    public var capacity: CapacityRule?

    /// A router that replays ``RouterBatch/recorded``.
    public init(topK: Int, capacity: CapacityRule? = nil) {
        self.topK = topK
        self.capacity = capacity
    }

    /// No projections: a replay reads no logits.
    public var projections: [RouterProjection] { [] }

    /// True when a token's routing does not depend on the rest of the batch: without a capacity.
    public var decidesPerToken: Bool { capacity == nil }

    /// The choices per token, k.
    public func mostCopies(experts: Int) -> Int { topK }

    /// Route one batch as it was recorded; without recorded weights, each of a token's m choices weighs 1/m.
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
