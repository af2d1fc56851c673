import Foundation

/// The law by which a token chooses k different experts, of which it may use some groups only.
///
/// A token keeps some groups and chooses k of their experts, with a probability in proportion to the product of these
/// experts' odds: of all laws of groups and experts with the same loads the one of the largest entropy. With equal loads
/// the groups are any, and so are the experts within them. Without a limit this is the conditional Bernoulli law (Chen,
/// Dempster and Liu, 'Weighted finite population sampling to maximize entropy', Biometrika 81, 1994). Sums over sets are
/// those of Poisson-binomial numbers, group by group.
public struct ChoiceLaw: Sendable {
    /// Experts of one group that are neither in every token nor in none.
    public struct Group: Sendable {
        /// The places of these experts in ``experts``.
        public let places: Range<Int>
        /// True when an expert of the group is in every token, so that every token uses the group.
        public let isForced: Bool
    }

    /// The experts that are drawn, group by group, ascending.
    public let experts: [Int32]
    /// The experts that every token has.
    public let certain: [Int32]
    /// The groups of experts, ascending; one where there is no limit.
    public let groups: [Group]
    /// The experts that are drawn for each token, k without ``certain``.
    public let draws: Int
    /// The groups that a token keeps.
    public let kept: Int
    /// The expected number of each of ``experts`` in a token, above 0 and below 1.
    public let wanted: [Double]

    /// A share of a token within which an expert counts as in every token.
    private static let certainty = 1e-9

    /// The law that gives experts their shares, once its odds are found.
    ///
    /// - Parameters:
    ///   - shares: shares of the copies, `[experts]`, of sum 1, none above 1 / choices but for rounding.
    ///   - choices: experts per token, k.
    ///   - limit: the groups that a token may use, or nil for all experts.
    public init(shares: [Double], choices: Int, limit: GroupChoice?) {
        let limit = limit.flatMap { $0.limits ? $0 : nil } ?? GroupChoice(groups: 1, kept: 1)
        let size = shares.count / limit.groups
        var (experts, certain, wanted, groups): ([Int32], [Int32], [Double], [Group]) = ([], [], [], [])
        for group in 0..<limit.groups {
            let (first, known) = (experts.count, certain.count)
            for expert in group * size..<(group + 1) * size where shares[expert] > 0 {
                let expected = Double(choices) * shares[expert]
                if expected < 1 - Self.certainty {
                    experts.append(Int32(expert))
                    wanted.append(expected)
                } else {
                    certain.append(Int32(expert))
                }
            }
            groups.append(Group(places: first..<experts.count, isForced: certain.count > known))
        }
        (self.experts, self.certain, self.wanted, self.groups) = (experts, certain, wanted, groups)
        draws = choices - certain.count
        kept = limit.kept
    }

    /// What some odds come to.
    struct Outcome {
        /// The logarithm of the sum over all sets of the products of their odds.
        let logSum: Double
        /// The expected number of each expert in a token, `[experts]`.
        let included: [Double]
    }

    /// The loads that logarithms of odds give, or nil when no set of experts is possible.
    func outcome(_ logits: [Double]) -> Outcome? {
        guard draws > 0 else { return Outcome(logSum: 0, included: []) }
        let (chances, shift) = centred(logits)
        let counts = groups.map { GroupCounts(chances[$0.places], most: draws) }
        let ways = GroupTable(self, counts)
        guard ways.probability > 0 else { return nil }
        var included: [Double] = []
        included.reserveCapacity(chances.count)
        for (count, weights) in zip(counts, ways.weights()) {
            included += count.included(weights: weights).map { $0 / ways.probability }
        }
        // The factors 1 - p that make probabilities of odds, and the shift, are taken out again.
        let misses = chances.reduce(0) { $0 + log($1.miss) }
        return Outcome(logSum: log(ways.probability) - misses - shift * Double(draws), included: included)
    }

    /// The chances that belong to odds, shifted so that about so many experts are chosen as are drawn: this changes no
    /// choice, and keeps sums over sets within the range of numbers.
    public func centred(_ logits: [Double]) -> (chances: [Chance], shift: Double) {
        let (least, most) = (logits.min() ?? 0, logits.max() ?? 0)
        let level = log(Double(draws) / Double(max(logits.count - draws, 1)))
        var (low, high) = (level - most - 1, level - least + 1)
        for _ in 0..<24 {
            let middle = (low + high) / 2
            let sum = logits.reduce(0) { $0 + 1 / (1 + exp(-($1 + middle))) }
            if sum < Double(draws) { low = middle } else { high = middle }
        }
        return (logits.map { Chance(logit: $0 + low) }, low)
    }
}

/// The probability that an expert is chosen, and that it is not: each near 0 keeps its digits.
public struct Chance: Sendable {
    /// The probability that the expert is chosen.
    public let hit: Double
    /// The probability that it is not.
    public let miss: Double

    /// The chance when a part of the choices of the expert is left out of all sums.
    public func without(_ share: Double) -> Chance { Chance(hit: hit * (1 - share), miss: miss) }

    private init(hit: Double, miss: Double) { (self.hit, self.miss) = (hit, miss) }

    init(logit: Double) {
        // Neither becomes 0, whose logarithm has no number.
        let bounded = min(max(logit, -700), 700)
        (hit, miss) = (1 / (1 + exp(-bounded)), 1 / (1 + exp(bounded)))
    }
}

/// The number of chosen experts of one group, each chosen by itself with some probability.
public struct GroupCounts: Sendable {
    /// The chance of each expert.
    public let chances: [Chance]
    /// The most experts that are counted.
    public let most: Int
    /// The probability that so many of the experts from a place on are chosen, `[places + 1][most + 1]`.
    public private(set) var behind: [Double]

    /// The numbers of experts with some chances.
    public init(_ chances: ArraySlice<Chance>, most: Int) {
        self.chances = Array(chances)
        self.most = min(most, chances.count)
        let width = self.most + 1
        behind = [Double](repeating: 0, count: (chances.count + 1) * width)
        behind[chances.count * width] = 1
        for place in self.chances.indices.reversed() {
            let chance = self.chances[place]
            for count in 0..<width {
                let after = (place + 1) * width + count
                behind[place * width + count] =
                    chance.miss * behind[after] + (count > 0 ? chance.hit * behind[after - 1] : 0)
            }
        }
    }

    /// The probability of `count` chosen experts.
    public func probability(of count: Int) -> Double { behind[count] }

    /// The sum over numbers n of chosen experts of `weights[n]` times the probability that n are chosen, an expert among
    /// them; for each expert.
    func included(weights: [Double]) -> [Double] {
        let width = most + 1
        // The mean weight when so many were chosen before a place.
        var ahead = [Double](repeating: 0, count: (chances.count + 1) * width)
        ahead.replaceSubrange(chances.count * width..<(chances.count + 1) * width, with: weights)
        for place in chances.indices.reversed() {
            let chance = chances[place]
            for count in 0..<width {
                let after = (place + 1) * width + count
                ahead[place * width + count] =
                    chance.miss * ahead[after] + (count < most ? chance.hit * ahead[after + 1] : 0)
            }
        }
        var before = [Double](repeating: 0, count: width)
        before[0] = 1
        return chances.indices.map { place in
            let chance = chances[place]
            var sum = 0.0
            for count in 0..<most { sum += before[count] * ahead[(place + 1) * width + count + 1] }
            for count in (0..<width).reversed() {
                before[count] = chance.miss * before[count] + (count > 0 ? chance.hit * before[count - 1] : 0)
            }
            return chance.hit * sum
        }
    }
}

/// The sums over all ways to keep some groups and to choose so many of their experts.
///
/// A group that is not kept gives no copies; one that is kept may give none, too.
public struct GroupTable: Sendable {
    private let groups: [ChoiceLaw.Group]
    private let counts: [GroupCounts]
    private let kept: Int
    private let draws: Int
    /// The sum over the groups from one on, of which so many are kept and which give so many copies,
    /// `[groups + 1][kept + 1][draws + 1]`.
    private let behind: [Double]

    /// The sums of a law.
    ///
    /// - Parameter counts: the numbers of chosen experts, for each group of the law.
    public init(_ law: ChoiceLaw, _ counts: [GroupCounts]) {
        (groups, self.counts, kept, draws) = (law.groups, counts, law.kept, law.draws)
        let (height, width) = (law.kept + 1, law.draws + 1)
        var behind = [Double](repeating: 0, count: (counts.count + 1) * height * width)
        behind[counts.count * height * width] = 1
        for group in counts.indices.reversed() {
            for used in 0..<height {
                for copies in 0..<width {
                    var sum = 0.0
                    for taken in 0...min(copies, counts[group].most) {
                        for uses in Self.uses(taken, law.groups[group]) where uses <= used {
                            let rest = ((group + 1) * height + used - uses) * width + copies - taken
                            sum += counts[group].probability(of: taken) * behind[rest]
                        }
                    }
                    behind[(group * height + used) * width + copies] = sum
                }
            }
        }
        self.behind = behind
    }

    /// Whether a group that gives so many copies is kept: 1 for kept, 0 for not.
    static func uses(_ taken: Int, _ group: ChoiceLaw.Group) -> ClosedRange<Int> {
        taken > 0 || group.isForced ? 1...1 : 0...1
    }

    /// The sum over all ways.
    public var probability: Double { rest(from: 0, groups: kept, copies: draws) }

    /// The sum over the groups from `group` on, of which so many are kept and which give so many copies.
    public func rest(from group: Int, groups: Int, copies: Int) -> Double {
        behind[(group * (kept + 1) + groups) * (draws + 1) + copies]
    }

    /// The sum when a group gives so many copies, and is kept or not, given what is left of the token.
    public func weight(of group: Int, taken: Int, uses: Int, groups left: Int, copies: Int) -> Double {
        guard Self.uses(taken, groups[group]).contains(uses), uses <= left, taken <= copies, taken <= counts[group].most
        else { return 0 }
        return counts[group].probability(of: taken) * rest(from: group + 1, groups: left - uses, copies: copies - taken)
    }

    /// For each group, the sum over the others when it gives n copies, for each n.
    public func weights() -> [[Double]] {
        let (height, width) = (kept + 1, draws + 1)
        // The sum over the groups before, of which so many are kept and which give so many copies.
        var before = [Double](repeating: 0, count: height * width)
        before[0] = 1
        var weights: [[Double]] = []
        for group in groups.indices {
            var ofGroup = [Double](repeating: 0, count: counts[group].most + 1)
            var next = [Double](repeating: 0, count: height * width)
            for used in 0..<height {
                for copies in 0..<width where before[used * width + copies] > 0 {
                    let way = before[used * width + copies]
                    for taken in 0...min(draws - copies, counts[group].most) {
                        for uses in Self.uses(taken, groups[group]) where used + uses < height {
                            next[(used + uses) * width + copies + taken] += way * counts[group].probability(of: taken)
                            ofGroup[taken] +=
                                way * rest(from: group + 1, groups: kept - used - uses, copies: draws - copies - taken)
                        }
                    }
                }
            }
            weights.append(ofGroup)
            before = next
        }
        return weights
    }
}
