import Foundation

/// The selector of the best experts of every token under a rule, one block of tokens after another.
struct ChoiceSelector {
    private let rule: TopKRule
    private let batch: RouterBatch
    private let bias: [Float]
    private let depth: Int
    /// True when a logit of minus infinity may mask an expert.
    var masks = false
    private var selector: TopKSelector
    private var groups: GroupMask?
    /// Scratch space for the ranking keys of one token's experts, `[experts]`; used only when the keys are not the scores.
    private var keys: [Double]
    private var ranking: [Int32] = []
    private var rankingScores: [Double] = []
    private var priority: [Double]?

    /// Create a selector of experts for the tokens of a batch.
    ///
    /// - Parameter bias: the selection bias, `[experts]`, or empty.
    init(rule: TopKRule, batch: RouterBatch, bias: [Float]) {
        self.rule = rule
        self.batch = batch
        self.bias = bias
        depth = Self.depth(rule, experts: batch.experts)
        selector = TopKSelector(count: depth)
        groups = rule.groups.map { GroupMask($0, experts: batch.experts, topK: rule.topK) }
        keys = [Double](repeating: 0, count: batch.experts)
        ranking.reserveCapacity(batch.tokens * depth)
        rankingScores.reserveCapacity(batch.tokens * depth)
        if rule.capacity?.order == .batchPrioritised { priority = [] }
    }

    /// The choices of the tokens so far, with their scores for weights.
    var choices: ChoiceTable {
        ChoiceTable(
            experts: batch.experts,
            topK: rule.topK,
            ranking: ranking,
            scores: rankingScores,
            depth: depth,
            priority: priority
        )
    }

    /// Choose the experts of the next block of tokens.
    ///
    /// - Throws: ``RoutingError`` when masks leave a token fewer than k experts in its groups.
    mutating func choose(_ block: TokenScores) throws(RoutingError) {
        for token in 0..<block.tokens {
            let row = block.row(token)
            rank(block, row)
            for place in 0..<depth {
                let expert = selector.indices[place]
                let isNone = selector.scores[place] == -.infinity
                guard !isNone || place >= rule.topK else {
                    throw RoutingError(
                        "token \(block.firstToken + token): logits of -inf leave \(place) experts in the groups that it may "
                            + "use; at least \(rule.topK) are needed"
                    )
                }
                ranking.append(isNone ? -1 : expert)
                rankingScores.append(isNone ? 0 : block.scores[row.lowerBound + Int(expert)])
            }
            if priority != nil { priority?.append(Largest.value(block.scores, at: row)) }
        }
    }

    /// The number of experts of each token that are ranked: its choices, and those that a copy without a place may try.
    private static func depth(_ rule: TopKRule, experts: Int) -> Int {
        guard case .nextChoices(let passes) = rule.capacity?.overflow else { return rule.topK }
        return rule.topK + min(max(passes, 0), experts - rule.topK)
    }

    /// Rank the experts of a token. Logits have the order of softmax and sigmoid, and fewer ties.
    private mutating func rank(_ block: TokenScores, _ row: Range<Int>) {
        let readsScores = groups != nil || !bias.isEmpty
        if readsScores || rule.noise == .gumbelForChoice {
            setKeys(readsScores ? block.scores : block.logits, row, firstNumber: block.firstToken * block.experts)
            if masks {
                for (expert, index) in row.enumerated() where block.logits[index] == -.infinity {
                    keys[expert] = -.infinity
                }
            }
            groups?.apply(to: &keys)
            selector.select(from: keys)
        } else {
            selector.select(from: block.logits, at: row)
        }
        if rule.further == .sampling { drawFurther(block, row, first: selector.indices[0]) }
    }

    private mutating func setKeys(_ values: [Double], _ row: Range<Int>, firstNumber: Int) {
        for (expert, index) in row.enumerated() { keys[expert] = values[index] }
        if let form = rule.bias, !bias.isEmpty {
            for expert in keys.indices { keys[expert] = form.biased(keys[expert], by: bias[expert]) }
        }
        if rule.noise == .gumbelForChoice {
            for (expert, index) in row.enumerated() { keys[expert] += gumbel(.noise, firstNumber + index) }
        }
    }

    /// Rank all experts but the first one by logit plus Gumbel noise.
    private mutating func drawFurther(_ block: TokenScores, _ row: Range<Int>, first: Int32) {
        let firstNumber = block.firstToken * block.experts
        for (expert, index) in row.enumerated() {
            keys[expert] = block.logits[index] + gumbel(.sampling, firstNumber + index)
        }
        keys[Int(first)] = .infinity
        selector.select(from: keys)
    }

    private func gumbel(_ lane: RandomLane, _ index: Int) -> Double {
        -log(-log(batch.uniform(lane, index)))
    }
}

/// The mask of a ``GroupLimit``, applied to one token after another.
struct GroupMask {
    private let limit: GroupLimit
    /// Experts of a group.
    private let size: Int
    private var values: [Double]
    private var isKept: [Bool]
    private var best: TopKSelector
    private var members: TopKSelector

    /// Create the mask of a group limit over `experts` experts.
    init(_ limit: GroupLimit, experts: Int, topK: Int) {
        self.limit = limit
        size = experts / limit.groups
        values = [Double](repeating: 0, count: limit.groups)
        isKept = [Bool](repeating: false, count: limit.groups)
        best = TopKSelector(count: limit.kept)
        members = TopKSelector(count: min(limit.summed(topK: topK), size))
    }

    /// Mask the scores of one token outside its best groups, `[experts]`.
    mutating func apply(to scores: inout [Double]) {
        guard limit.kept < limit.groups else { return }
        for group in values.indices {
            members.select(from: scores, at: group * size..<(group + 1) * size)
            // A masked expert adds nothing to its group; a group of these alone comes last.
            let best = members.scores[0]
            values[group] = best == -.infinity ? best : members.scores.reduce(0) { $1 == -.infinity ? $0 : $0 + $1 }
            isKept[group] = false
        }
        best.select(from: values)
        for group in best.indices { isKept[Int(group)] = true }
        let masked = limit.mask == .excluded ? -Double.infinity : 0
        for group in values.indices where !isKept[group] {
            for expert in group * size..<(group + 1) * size where scores[expert] != -.infinity {
                scores[expert] = masked
            }
        }
    }
}

/// The limit of a token's choices to the best groups of experts.
///
/// The experts form `groups` groups of E / groups neighbours. The scores of the groups that are not kept are masked.
/// DeepSeek-V2 (arXiv 2405.04434, section 2.1.2) keeps 3 of 8 devices, DeepSeek-V3 (arXiv 2412.19437, section 2.1.2)
/// 4 of 8 nodes.
public struct GroupLimit: Equatable, Sendable {
    /// The value by which groups are ranked.
    public enum Score: Equatable, Sendable {
        /// The largest score of the group (DeepSeek-V2).
        case largest
        /// The sum of the group's so many largest scores (DeepSeek-V3 with 2).
        case sumOfLargest(Int)
        /// The sum of the group's k / kept largest scores (Megatron-Core).
        case sumOfShare
    }

    /// The value that replaces the scores of the groups that are not kept.
    public enum Mask: Equatable, Sendable {
        /// Minus infinity: experts outside the kept groups cannot be chosen (DeepSeek's code, transformers from version
        /// 5).
        case excluded
        /// 0: experts outside the kept groups are chosen before negative scores (transformers 4).
        case zero
    }

    /// Number of groups.
    public var groups: Int
    /// Groups that a token may use, M.
    public var kept: Int
    /// The value by which groups are ranked.
    public var score: Score
    /// The value that replaces the scores of the groups that are not kept.
    public var mask: Mask

    /// Create a limit of tokens to `kept` out of `groups` groups of experts.
    public init(groups: Int, kept: Int, score: Score, mask: Mask = .excluded) {
        self.groups = groups
        self.kept = kept
        self.score = score
        self.mask = mask
    }

    /// Check that the groups fit the experts and that the kept ones hold k experts.
    func check(experts: Int, topK: Int) throws(RoutingError) {
        guard groups >= 1 && experts % groups == 0 else {
            throw RoutingError("\(experts) experts do not divide into \(groups) groups of equal size")
        }
        guard kept >= 1 && kept <= groups else {
            throw RoutingError("\(kept) groups are kept; allowed are 1 to \(groups), the number of groups")
        }
        guard topK <= kept * (experts / groups) else {
            throw RoutingError("top-k is \(topK); \(kept) groups of \(experts / groups) experts hold fewer")
        }
        guard groups == 1 || summed(topK: topK) <= experts / groups else {
            let summed = summed(topK: topK)
            throw RoutingError(
                "\(experts) experts in \(groups) groups (router.groups): the \(summed) largest scores of a group rank it, "
                    + "and a group has \(experts / groups); at most \(experts / summed) groups are allowed"
            )
        }
    }

    /// The number of a group's largest scores whose sum ranks the group.
    func summed(topK: Int) -> Int {
        switch score {
        case .largest: 1
        case .sumOfLargest(let count): max(count, 1)
        case .sumOfShare: max(1, topK / kept)
        }
    }
}
