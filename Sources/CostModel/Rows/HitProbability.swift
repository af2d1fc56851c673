internal import MoE

/// The probability that a token sends at least one of its k copies to a set of experts, or to some of their slots.
///
/// Choices follow the conditional Bernoulli distribution: k different experts with probability in proportion to the
/// product of their odds. For equal shares this is the hypergeometric distribution exactly. The probability of missing
/// a set is the k-th elementary symmetric polynomial of the odds outside it, over that of all odds. Source: Chen and Liu,
/// 'Statistical applications of the Poisson-binomial and conditional Bernoulli distributions', Statistica Sinica 7, 1997.
///
/// Where a token uses some groups of experts only, these groups are chosen in the same way by their shares, and the
/// experts among those of the groups by their shares within them.
///
/// A copy of an expert that has a part s of its slots in the set goes there with probability s, whatever the token's other
/// copies do: missing the set then leaves the expert the odds times 1 - s.
struct HitProbability {
    /// An expert of a set.
    struct Part {
        var expert: Int
        /// The share of its copies that go to the set.
        var share = 1.0
    }

    private let choices: Int
    private let odds: [Double]
    private let expertsPerGroup: Int
    private let ways: GroupWays

    init(_ routing: ExpectedRouting) {
        choices = routing.choices
        let limit = routing.limit ?? GroupChoice(groups: 1, kept: 1)
        let size = routing.shares.count / limit.groups
        let ofGroup = (0..<limit.groups).map { routing.shares[$0 * size..<($0 + 1) * size].reduce(0, +) }
        // Within the groups that a token uses, all are alike: their shares are in how often they are used.
        let within = routing.shares.enumerated().map { expert, share in
            let whole = ofGroup[expert / size]
            return whole > 0 ? share / whole / Double(limit.kept) : 0
        }
        let odds = Self.odds(within, draws: routing.choices)
        self.odds = odds
        expertsPerGroup = size
        let polynomials = (0..<limit.groups).map { group in
            ChoicePolynomial(odds: odds[group * size..<(group + 1) * size], degree: routing.choices)
        }
        ways = GroupWays(polynomials: polynomials, odds: Self.odds(ofGroup, draws: limit.kept), kept: limit.kept)
    }

    /// The probability of each of some sets, none of them empty, each expert once in a set.
    func hits(_ sets: [[Part]]) -> [Double] {
        var left = odds
        return sets.map { set in
            for part in set { left[part.expert] = odds[part.expert] * (1 - part.share) }
            defer { for part in set { left[part.expert] = odds[part.expert] } }
            let group = set[0].expert / expertsPerGroup
            let isInGroup = set.allSatisfy { $0.expert / expertsPerGroup == group }
            let missed =
                isInGroup
                ? ways.missed(within: group, polynomial(of: group, left)) : ways.missed { polynomial(of: $0, left) }
            return min(1, max(0, 1 - missed))
        }
    }

    /// Odds of being chosen of something that has `share` of `draws` different choices.
    private static func odds(_ shares: [Double], draws: Int) -> [Double] {
        let odds = shares.map { share in
            let probability = min(Double(draws) * share, 1 - 1e-9)
            return probability / (1 - probability)
        }
        // A common factor changes no probability. This one keeps sums of products of many odds within range.
        let sum = odds.reduce(0, +)
        return sum > 0 ? odds.map { $0 * Double(draws) / sum } : odds
    }

    private func polynomial(of group: Int, _ odds: [Double]) -> ChoicePolynomial {
        ChoicePolynomial(odds: odds[group * expertsPerGroup..<(group + 1) * expertsPerGroup], degree: choices)
    }
}
