import Foundation

/// The router by a ``TopKRule``: every token chooses its k best experts.
///
/// Choices stand in descending order of score (of biased score where there is a selection bias), equal ones by
/// ascending expert. Arithmetic is in double precision; `[tokens, experts]` logits come in as singles.
public struct TopKRouter: Router {
    /// The rule of the router.
    public var rule: TopKRule

    /// Create a router that follows a rule.
    public init(rule: TopKRule) {
        self.rule = rule
    }

    /// The projection that this router reads: the gate alone.
    public var projections: [RouterProjection] { [.gate] }

    /// The noise of the rule on the gate's input.
    public var inputJitter: InputJitter? {
        rule.inputJitter.map { InputJitter(epsilon: $0) }
    }

    /// True when the rule has a selection bias that changes from step to step.
    public var learns: Bool { rule.bias.map { $0.rate != 0 } ?? false }

    /// True when a token's routing does not depend on the rest of the batch: no capacity, no drop by device, no noise
    /// and no random further choices.
    public var decidesPerToken: Bool {
        rule.capacity == nil && rule.deviceDrop == nil && rule.noise == nil && rule.inputJitter == nil
            && !rule.further.isRandom
    }

    /// The k of the rule.
    public func mostCopies(experts: Int) -> Int { rule.topK }

    /// Route one batch: score the experts, choose for each token, weigh the choices, and give copies their places.
    ///
    /// A logit of minus infinity masks an expert for a token.
    ///
    /// - Throws: ``RoutingError`` when a logit is not a number or plus infinity, when masks leave a token fewer than k
    ///   experts, or fewer than k in its groups, when top-k, groups or devices do not fit the experts,
    ///   when a bias does not have one value per expert, or when the batch does not hold the gate's logits.
    public func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing {
        try batch.check(topK: rule.topK)
        try rule.check(experts: batch.experts)
        let matrix = try batch.checkedMatrices(for: self, least: rule.topK)[0]
        if rule.bias != nil && !state.selectionBias.isEmpty {
            try batch.check(state.selectionBias, "the selection bias", experts: batch.experts)
        }
        let groups = try batch.contestGroups(rule.capacity)
        var selector = ChoiceSelector(rule: rule, batch: batch, bias: rule.bias == nil ? [] : state.selectionBias)
        selector.masks = batch.masks(matrix)
        var sums = LossSums(
            rule.losses.map(\.rule),
            tokens: batch.tokens,
            experts: batch.experts,
            topK: rule.topK,
            groups: groups,
            sequences: try batch.sequences()
        )
        for tokens in batch.blocks {
            let logits = try batch.logits(matrix, tokens, bias: state.gateBias)
            let block = scores(logits, batch, firstToken: tokens.lowerBound)
            try selector.choose(block)
            sums.add(block)
        }
        return try routing(of: selector.choices, sums, batch)
    }

    /// Move the selection bias of each expert against its load in the step that is over.
    public func finishStep(loads: [Int], state: inout RouterState) {
        guard let bias = rule.bias else { return }
        state.selectionBias = bias.updated(state.selectionBias, loads: loads)
    }

    private func routing(of choices: ChoiceTable, _ sums: LossSums, _ batch: RouterBatch) throws(RoutingError)
        -> Routing
    {
        let weigher = ChoiceWeigher(rule: rule)
        var choices = choices
        weigher.weigh(&choices)
        let contest = try QueueContest(rule.capacity, batch: batch)
        let losses = rule.losses.map { $0.loss(LossInput(sums: sums, choices: choices)) }
        choices.skipFurther(rule.further, batch: batch)
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

    /// The scores of a block of tokens, from their logits as the rule shapes them, with noise.
    private func scores(_ logits: [Double], _ batch: RouterBatch, firstToken: Int) -> TokenScores {
        var logits = logits
        rule.shape(&logits)
        if case .normal(let deviation) = rule.noise {
            var row = [Double](repeating: 0, count: batch.experts)
            for start in stride(from: 0, to: logits.count, by: batch.experts) {
                batch.fillNormal(.noise, &row, from: firstToken * batch.experts + start)
                for expert in row.indices { logits[start + expert] += deviation * row[expert] }
            }
        }
        return TokenScores(logits: logits, experts: batch.experts, score: rule.score, firstToken: firstToken)
    }
}

/// The computation of gate weights from the scores of choices; the rule's scale multiplies them later.
struct ChoiceWeigher {
    let rule: TopKRule

    /// Set the gate weights of all choices, divided by their norm where the rule divides before the drop.
    func weigh(_ choices: inout ChoiceTable) {
        for token in 0..<choices.tokens { weigh(&choices, token) }
    }

    /// Set the gate weights of tokens with a copy that was moved to another expert; where the rule divides after the
    /// drop, divide those of every token by the norm of its kept copies. A token that keeps nothing keeps its weights.
    func weighAgain(_ choices: inout ChoiceTable) {
        for token in choices.moved { weigh(&choices, token) }
        guard let normalization = rule.normalization, normalization.moment == .afterDrop else { return }
        for token in 0..<choices.tokens {
            let copies = choices.copies(ofToken: token)
            let kept = copies.lazy.filter { [place = choices.place] in place[$0] != DispatchPlan.dropped }
            guard !kept.isEmpty else { continue }
            let divisor = normalization.divisor(kept.lazy.map { [weight = choices.weight] in weight[$0] })
            for copy in kept { choices.weight[copy] /= divisor }
        }
    }

    private func weigh(_ choices: inout ChoiceTable, _ token: Int) {
        let copies = choices.copies(ofToken: token)
        for copy in copies { choices.weight[copy] = choices.score[copy] }
        if rule.score == .softmaxOfChosen { TokenScores.setToSoftmax(&choices.weight, copies) }
        guard let normalization = rule.normalization, normalization.moment == .beforeDrop else { return }
        let divisor = normalization.divisor(choices.weight[copies])
        for copy in copies { choices.weight[copy] /= divisor }
    }
}

extension ChoiceTable {
    /// Leave out the further choices that a policy does not ask for.
    mutating func skipFurther(_ policy: FurtherChoices, batch: RouterBatch) {
        guard policy != .all && policy != .sampling else { return }
        for copy in expert.indices where copy % topK > 0 {
            let (token, choice) = copy.quotientAndRemainder(dividingBy: topK)
            isAsked[copy] = policy.asks(weight: weight[copy], score: score[copy]) {
                batch.uniform(.furtherChoice, token * (topK - 1) + choice - 1)
            }
            if case .randomByScore = policy { weight[copy] = score[copy] }
        }
    }
}

/// The rule by which a token asks for its second and later choices.
///
/// g is the weight of the choice, after renormalisation where that comes before the drop.
public enum FurtherChoices: Equatable, Sendable {
    /// Ask for all second and later choices.
    case all
    /// Ask for first choices only.
    case none
    /// Ask for each second or later choice with g above the threshold (Mesh TensorFlow).
    case threshold(Double)
    /// Ask for each second or later choice with probability g / threshold (Mesh TensorFlow and ST-MoE with 0.2;
    /// GShard's 2 g > U is the threshold 0.5).
    case random(threshold: Double)
    /// Ask for each second or later choice with probability score / threshold; the score also becomes the weight
    /// (NLLB).
    case randomByScore(threshold: Double)
    /// Ask for all second and later choices, each expert being drawn with the probability of its softmax among those
    /// not chosen yet: the largest of logits plus Gumbel noise (lingvo, DeepSpeed, NLLB).
    case sampling

    /// True where the rule needs random numbers.
    var isRandom: Bool {
        switch self {
        case .all, .none, .threshold: false
        case .random, .randomByScore, .sampling: true
        }
    }

    /// Whether a choice of weight `weight` and score `score` is asked for, given a uniform number.
    func asks(weight: Double, score: Double, uniform: () -> Double) -> Bool {
        switch self {
        case .all, .sampling: true
        case .none: false
        case .threshold(let threshold): weight > threshold
        case .random(let threshold): uniform() < weight / max(threshold, 1e-9)
        case .randomByScore(let threshold): uniform() < score / max(threshold, 1e-9)
        }
    }
}
