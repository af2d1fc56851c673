import Foundation

/// BASE layers (Lewis et al. 2021, arXiv 2103.16716): balanced assignment in training, the best expert in evaluation.
///
/// score[t, e] = x_t c_e, with the rows of the gate as the experts' centres c. In training an auction gives exactly
/// T / E tokens to every expert (`BalancedAssignment`); in evaluation every token goes to its best expert. The weight
/// is sigmoid(score); the layer's output is w E(x) + (1 - w) x. No loss, and nothing is dropped.
public struct BaseRouter: Router {
    /// True to assign tokens evenly, as in training; false to give each token its best expert, as in evaluation.
    public var isTraining: Bool

    /// Create a BASE router, by default for training.
    public init(isTraining: Bool = true) {
        self.isTraining = isTraining
    }

    /// The projection that this router reads: the gate alone.
    public var projections: [RouterProjection] { [.gate] }

    /// True in evaluation, where the best expert is taken.
    public var decidesPerToken: Bool { !isTraining }

    /// One: every token has a single copy.
    public func mostCopies(experts: Int) -> Int { 1 }

    /// Route one batch; in training, its tokens must divide into the experts.
    ///
    /// - Throws: ``RoutingError`` when a logit is not finite, when the experts do not divide the tokens of a training
    ///   batch, or when the batch does not hold the gate's logits.
    public func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing {
        try batch.check(topK: 1)
        guard isTraining else {
            let greedy = TopKRule(topK: 1, score: .sigmoid, losses: [])
            return try TopKRouter(rule: greedy).route(batch, state: &state)
        }
        let scores = try batch.logits(batch.checkedMatrices(for: self, least: 1)[0], bias: state.gateBias)
        let assignment = try BalancedAssignment(scores: scores, experts: batch.experts)
        var builder = PlanBuilder(experts: batch.experts)
        for (token, expert) in assignment.expert.enumerated() {
            let score = scores[token * batch.experts + Int(expert)]
            builder.addToken([(Int(expert), 1 / (1 + exp(-score)))])
        }
        return Routing(plan: builder.plan, importance: builder.importance)
    }
}

/// The auction by which BASE layers assign equally many tokens to every expert (fairseq, balanced_assignment).
///
/// Every expert bids for its T / E tokens of the highest value: value - next best value + epsilon, with epsilon =
/// max(range of scores / 50, 1e-4). A token goes to its highest bidder and becomes that much dearer; value = score -
/// cost. In the first 100 rounds, an expert keeps what it has won by a bid of epsilon, at the highest value of all.
struct BalancedAssignment {
    /// The expert of each token, `[tokens]`.
    let expert: [Int32]
    /// Number of rounds of the auction before its last one.
    let rounds: Int

    private static let retainingRounds = 100
    private static let largestRounds = 100_000

    /// Assign the tokens of `scores`, `[tokens * experts]`.
    ///
    /// - Throws: ``RoutingError`` when the experts do not divide the tokens, or after 100000 rounds.
    init(scores: [Double], experts: Int) throws(RoutingError) {
        let tokens = scores.count / experts
        guard tokens % experts == 0 else {
            throw RoutingError("\(tokens) tokens do not divide into \(experts) experts of equal load")
        }
        let finite = scores.filter { $0 != -.infinity }
        guard let largest = finite.max(), let smallest = finite.min() else {
            (expert, rounds) = ([], 0)
            return
        }
        // So far behind that the auction takes a masked pair only where there is no other assignment.
        let masked = smallest - max(largest - smallest, 1) * Double(2 * tokens + 2)
        let open = finite.count == scores.count ? scores : scores.map { $0 == -.infinity ? masked : $0 }
        var auction = Auction(
            scores: open,
            tokens: tokens,
            experts: experts,
            largest: largest,
            epsilon: max((largest - smallest) / 50, 1e-4)
        )
        for round in 0..<Self.largestRounds {
            auction.bid(retains: round > 0 && round < Self.retainingRounds)
            if auction.isOver {
                if let token = (0..<tokens).first(where: {
                    scores[$0 * experts + Int(auction.winner[$0])] == -.infinity
                }) {
                    throw RoutingError(
                        "token \(token): logits of -inf leave no assignment of equally many tokens to all experts"
                    )
                }
                expert = auction.winner
                rounds = round
                return
            }
            auction.reprice(retains: round < Self.retainingRounds)
        }
        throw RoutingError("the auction did not end within \(Self.largestRounds) rounds")
    }
}

/// The state of an auction between two rounds.
private struct Auction {
    let scores: [Double]
    let tokens: Int
    let experts: Int
    let largest: Double
    let epsilon: Double
    /// The value of each token to each expert, `[experts * tokens]`.
    var value: [Double]
    var cost: [Double]
    /// The highest bidder of each token, or -1.
    var winner: [Int32]
    var highest: [Double]

    init(scores: [Double], tokens: Int, experts: Int, largest: Double, epsilon: Double) {
        self.scores = scores
        self.tokens = tokens
        self.experts = experts
        self.largest = largest
        self.epsilon = epsilon
        cost = [Double](repeating: 0, count: tokens)
        highest = cost
        winner = [Int32](repeating: -1, count: tokens)
        value = (0..<experts * tokens).map { scores[$0 % tokens * experts + $0 / tokens] }
    }

    var isOver: Bool { !winner.contains(-1) }

    mutating func bid(retains: Bool) {
        let share = tokens / experts
        let owner = winner
        highest = [Double](repeating: 0, count: tokens)
        winner = [Int32](repeating: -1, count: tokens)
        var selector = TopKSelector(count: min(share + 1, tokens))
        for expert in 0..<Int32(experts) {
            selector.select(from: value, at: Int(expert) * tokens..<(Int(expert) + 1) * tokens)
            // With one expert there is no next best token, and no one to outbid.
            let next = selector.scores.count > share ? selector.scores[share] : selector.scores[share - 1]
            for (token, worth) in zip(selector.indices.prefix(share), selector.scores) {
                let isOwner = retains && owner[Int(token)] == expert
                offer(isOwner ? epsilon : worth - next + epsilon, for: Int(token), by: expert)
            }
            guard retains else { continue }
            for token in 0..<tokens where owner[token] == expert { offer(epsilon, for: token, by: expert) }
        }
    }

    private mutating func offer(_ amount: Double, for token: Int, by expert: Int32) {
        guard amount > highest[token] else { return }
        highest[token] = amount
        winner[token] = expert
    }

    mutating func reprice(retains: Bool) {
        for token in 0..<tokens { cost[token] += highest[token] }
        for expert in 0..<experts {
            for token in 0..<tokens {
                let isWinner = retains && winner[token] == Int32(expert)
                value[expert * tokens + token] = isWinner ? largest : scores[token * experts + expert] - cost[token]
            }
        }
    }
}
