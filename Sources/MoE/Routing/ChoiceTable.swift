/// The choices of all tokens of a batch, k each, on their way to a plan.
struct ChoiceTable {
    /// Routed experts, E.
    let experts: Int
    /// Choices per token, k.
    let topK: Int
    /// Number of tokens, T.
    let tokens: Int
    /// The best experts of each token, `[tokens * depth]`; the first k of a token are its choices.
    private let ranking: [Int32]
    /// The scores of the ranked experts, `[tokens * depth]`.
    private let rankingScores: [Double]
    private let depth: Int
    /// The number of ranked experts that each token has tried, `[tokens]`; empty where the ranking ends with the
    /// choices.
    private var tried: [Int]

    /// The chosen experts, `[tokens * k]`, by order of choice.
    private(set) var expert: [Int32]
    /// The scores of the chosen experts, `[tokens * k]`.
    private(set) var score: [Double]
    /// The gate weights of the choices, `[tokens * k]`, before the rule's scale multiplies them.
    var weight: [Double]
    /// False for a choice that the policy for further choices does not ask for, `[tokens * k]`.
    var isAsked: [Bool]
    /// The places of the copies in the queues, or ``DispatchPlan/dropped``, `[tokens * k]`.
    var place: [Int32]
    /// The key by which batch-prioritised contests order the tokens, `[tokens]`; nil for their largest weight.
    private let givenPriority: [Double]?
    /// True where a choice that is not asked for still takes up a place of its expert (GShard).
    var skippedTakePlaces = false
    /// Tokens with a copy that was moved to another expert, because the chosen one was full.
    private(set) var moved: Set<Int> = []

    /// Create a table from the ranked experts of each token; no choice has a place yet.
    ///
    /// - Parameters:
    ///   - ranking: `[tokens * depth]` experts; -1 stands where a token has no more.
    ///   - scores: of the ranked experts, which are the weights as well until others are set.
    ///   - priority: the key of batch-prioritised contests, `[tokens]`, or nil to take a token's largest weight.
    init(experts: Int, topK: Int, ranking: [Int32], scores: [Double], depth: Int, priority: [Double]? = nil) {
        self.experts = experts
        self.topK = topK
        self.ranking = ranking
        self.depth = depth
        rankingScores = scores
        givenPriority = priority
        let tokens = ranking.count / depth
        self.tokens = tokens
        tried = depth == topK ? [] : [Int](repeating: topK, count: tokens)
        expert = depth == topK ? ranking : (0..<tokens).flatMap { ranking[$0 * depth..<$0 * depth + topK] }
        score = depth == topK ? scores : (0..<tokens).flatMap { scores[$0 * depth..<$0 * depth + topK] }
        weight = score
        isAsked = [Bool](repeating: true, count: expert.count)
        place = [Int32](repeating: DispatchPlan.dropped, count: expert.count)
    }

    /// Create a table of choices with given weights; batch-prioritised contests order tokens by their largest weight.
    init(experts: Int, topK: Int, expert: [Int32], weight: [Double]) {
        self.init(experts: experts, topK: topK, ranking: expert, scores: weight, depth: topK)
    }

    /// The key by which batch-prioritised contests order the tokens, `[tokens]`.
    var priority: [Double] {
        givenPriority ?? (0..<tokens).map { weight[copies(ofToken: $0)].max() ?? 0 }
    }

    /// The indices of the copies of a token.
    func copies(ofToken token: Int) -> Range<Int> {
        token * topK..<(token + 1) * topK
    }

    /// Return the best expert that the token has not tried yet, with its score, and count it as tried; nil when there
    /// is none.
    mutating func nextChoice(ofToken token: Int) -> (expert: Int32, score: Double)? {
        guard !tried.isEmpty && tried[token] < depth else { return nil }
        let next = token * depth + tried[token]
        tried[token] += 1
        return ranking[next] < 0 ? nil : (ranking[next], rankingScores[next])
    }

    /// Move a copy to another expert, and to a place in the queue of that expert.
    mutating func move(_ copy: Int, to next: (expert: Int32, score: Double), place: Int32) {
        expert[copy] = next.expert
        score[copy] = next.score
        self.place[copy] = place
        moved.insert(copy / topK)
    }

    /// The number of copies that each expert was asked for, `[experts]`.
    var asked: [Int] {
        var counts = [Int](repeating: 0, count: experts)
        for copy in expert.indices where isAsked[copy] { counts[Int(expert[copy])] += 1 }
        return counts
    }

    /// Sum of the gate weights of each expert, times `scale`, over the choices that are asked for, `[experts]`.
    func importance(scale: Double) -> [Double] {
        var sums = [Double](repeating: 0, count: experts)
        for copy in expert.indices where isAsked[copy] { sums[Int(expert[copy])] += weight[copy] * scale }
        return sums
    }

    /// The plan: the copies that were asked for, with their weights times `scale`.
    func plan(scale: Double = 1, target: WeightTarget = .output) -> DispatchPlan {
        guard isAsked.contains(false) else {
            return DispatchPlan(
                experts: experts,
                copyOffsets: (0...tokens).map { $0 * topK },
                expert: expert,
                weight: weight.map { Float($0 * scale) },
                position: place,
                weightTarget: target
            )
        }
        var offsets = [0]
        offsets.reserveCapacity(tokens + 1)
        var asked: [Int] = []
        asked.reserveCapacity(expert.count)
        for token in 0..<tokens {
            for copy in copies(ofToken: token) where isAsked[copy] { asked.append(copy) }
            offsets.append(asked.count)
        }
        return DispatchPlan(
            experts: experts,
            copyOffsets: offsets,
            expert: asked.map { expert[$0] },
            weight: asked.map { Float(weight[$0] * scale) },
            position: asked.map { place[$0] },
            weightTarget: target
        )
    }
}
