import Foundation
import Tensors

/// Routes by a ``TopKRule``: every token chooses its k best experts.
///
/// Choices stand in descending order of score (of biased score where there is a selection bias), equal ones by
/// ascending expert. Arithmetic is in double precision; `[tokens, experts]` logits come in as singles.
public struct TopKRouter: Router {
    /// What it does.
    public var rule: TopKRule

    /// A router with its rule.
    public init(rule: TopKRule) {
        self.rule = rule
    }

    /// The gate alone.
    public var projections: [RouterProjection] { [.gate] }

    /// The noise of the rule on the gate's input.
    public var inputJitter: InputJitter? {
        rule.inputJitter.map { InputJitter(epsilon: $0) }
    }

    /// Whether the rule has a bias that moves.
    public var learns: Bool { rule.bias.map { $0.rate != 0 } ?? false }

    /// Without a capacity, a drop by device, noise and random further choices.
    public var decidesPerToken: Bool {
        rule.capacity == nil && rule.deviceDrop == nil && rule.noise == nil && rule.inputJitter == nil
            && !rule.further.isRandom
    }

    /// The k of the rule.
    public func mostCopies(experts: Int) -> Int { rule.topK }

    /// Routes one batch.
    ///
    /// - Throws: ``RoutingError`` when a logit is not finite, when top-k, groups or devices do not fit the experts, when
    ///   a bias does not have one value per expert, or when the batch does not hold the gate's logits.
    public func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing {
        try batch.check(topK: rule.topK)
        try rule.check(experts: batch.experts)
        let matrix = try batch.checkedMatrices(for: self)[0]
        let logits = try batch.logits(matrix, bias: state.gateBias)
        if rule.bias != nil && !state.selectionBias.isEmpty {
            try batch.check(state.selectionBias, "the selection bias", experts: batch.experts)
        }
        let scores = TokenScores(logits: prepared(logits, batch), experts: batch.experts, score: rule.score)
        return try routing(of: scores, batch, bias: rule.bias == nil ? [] : state.selectionBias)
    }

    /// Moves the selection bias against the loads.
    public func finishStep(loads: [Int], state: inout RouterState) {
        guard let bias = rule.bias else { return }
        state.selectionBias = bias.updated(state.selectionBias, loads: loads)
    }

    private func routing(of scores: TokenScores, _ batch: RouterBatch, bias: [Float]) throws(RoutingError) -> Routing {
        let weigher = ChoiceWeigher(rule: rule, scores: scores)
        var selector = ChoiceSelector(rule: rule, scores: scores, batch: batch, bias: bias)
        var choices = selector.choices()
        weigher.weigh(&choices)
        let contest = try QueueContest(rule.capacity, batch: batch)
        let groups = try batch.contestGroups(rule.capacity?.scope ?? .batch)
        let losses = try rule.losses.map { term throws(RoutingError) in
            term.loss(LossInput(scores: scores, choices: choices, groups: groups, sequences: try batch.sequences()))
        }
        choices.skipFurther(rule.further, scores: scores, batch: batch)
        choices.skippedTakePlaces = rule.skippedTakePlaces
        let importance = choices.importance(scale: rule.scale)
        contest.settle(&choices)
        try rule.deviceDrop?.apply(to: &choices, batch: batch)
        weigher.weighAgain(&choices)
        return Routing(
            plan: choices.plan(scale: rule.scale, target: rule.weightTarget),
            importance: importance,
            losses: losses,
            paddedRows: rule.blockRows.map { Padding.rows(loads: choices.placed, blockRows: $0) }
                ?? contest.paddedRows(topK: rule.topK, experts: batch.experts)
        )
    }

    /// The logits with softcap and noise.
    private func prepared(_ logits: [Double], _ batch: RouterBatch) -> [Double] {
        var logits = logits
        if let softcap = rule.softcap {
            for index in logits.indices { logits[index] = softcap * tanh(logits[index] / softcap) }
        }
        guard case .normal(let deviation) = rule.noise else { return logits }
        var row = [Double](repeating: 0, count: batch.experts)
        for token in 0..<batch.tokens {
            batch.fillNormal(.noise, &row, from: token * batch.experts)
            for expert in row.indices { logits[token * batch.experts + expert] += deviation * row[expert] }
        }
        return logits
    }
}
