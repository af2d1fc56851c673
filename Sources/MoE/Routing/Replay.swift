/// Recorded choices that were checked, with a weight for each.
struct Replay {
    private let recorded: RecordedChoices
    private let experts: Int
    /// The weights of the choices, `[tokens * k]`: those recorded, or 1/m for each of a token that has m of them.
    let weights: [Float]

    /// - Throws: ``RoutingError`` when a token chooses an expert that the model does not have, chooses one twice, or has
    ///   a weight that is not finite.
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

    /// Returns true when a token has fewer than k choices.
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
