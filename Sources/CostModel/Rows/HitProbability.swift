internal import MoE

/// The probability that a token sends at least one of its k copies to a set of experts, or to some of their slots.
///
/// Choices follow the conditional Bernoulli distribution: k different experts with probability in proportion to the
/// product of their odds. For equal shares this is the hypergeometric distribution exactly. The probability of missing
/// a set is the k-th elementary symmetric polynomial of the odds outside it, over that of all odds. Source: Chen and
/// Liu, 'Statistical applications of the Poisson-binomial and conditional Bernoulli distributions', Statistica Sinica
/// 7, 1997.
///
/// Where a token uses some groups of experts only, these groups are chosen in the same way by their shares, and the
/// experts among those of the groups by their shares within them.
///
/// A copy of an expert that has a part s of its slots in the set goes there with probability s, whatever the token's
/// other copies do: missing the set then leaves the expert the odds times 1 - s.
struct HitProbability {
    /// An expert of a set, with the share of its copies that go there.
    struct Part {
        var expert: Int
        /// The share of the expert's copies that go to the set.
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

    /// The probability that a token hits each of some sets, `[sets]`. No set is empty or has an expert twice.
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

    /// The odds with which each expert or group is chosen, when it has a given share of `draws` different choices.
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

/// All ways to choose some groups of experts, each with its probability.
struct GroupWays {
    /// For each group and each j: the sum, over the ways that use the group, of the way's probability times the j-th
    /// polynomial of the other groups' odds, over the k-th of all its odds.
    let others: [[Double]]
    /// The probability that each group is used.
    let used: [Double]
    private let groups: Int
    private let degree: Int
    /// Each way with its probability over the k-th polynomial of all its odds.
    private let ways: [(groups: [Int], weight: Double)]

    /// The ways to choose `kept` groups.
    ///
    /// - Parameters:
    ///   - polynomials: of the experts' odds of each group, of degree k.
    ///   - odds: the odds of the groups.
    ///   - kept: groups to choose.
    init(polynomials: [ChoicePolynomial], odds: [Double], kept: Int) {
        let degree = (polynomials.first?.entries.count ?? 1) - 1
        var ways: [(groups: [Int], weight: Double)] = []
        var others = polynomials.map { _ in [Double](repeating: 0, count: degree + 1) }
        var used = polynomials.map { _ in 0.0 }
        var total = 0.0
        for way in Self.subsets(of: polynomials.count, size: kept) {
            // All groups are one way, whatever their odds.
            let weight = kept == polynomials.count ? 1 : way.reduce(1) { $0 * odds[$1] }
            total += weight
            // Products of all but one: those before it times those behind it.
            var behind = [ChoicePolynomial.one(degree: degree)]
            for group in way.reversed() { behind.append(polynomials[group] * behind[behind.count - 1]) }
            let all = behind[way.count][degree]
            let scale = all > 0 ? weight / all : 0
            ways.append((way, scale))
            var before = ChoicePolynomial.one(degree: degree)
            for (place, group) in way.enumerated() {
                let rest = (before * behind[way.count - 1 - place]).entries
                before = before * polynomials[group]
                used[group] += weight
                for entry in 0...degree { others[group][entry] += scale * rest[entry] }
            }
        }
        self.others = others.map { row in row.map { $0 / total } }
        self.used = used.map { $0 / total }
        self.ways = ways.map { ($0.groups, $0.weight / total) }
        self.degree = degree
        groups = polynomials.count
    }

    /// The probability that no chosen expert is among those of one group that `rest` leaves out.
    func missed(within group: Int, _ rest: ChoicePolynomial) -> Double {
        let used = (0...degree).reduce(0) { $0 + others[group][$1] * rest[degree - $1] }
        return 1 - self.used[group] + used
    }

    /// The probability that no chosen expert is among those that are left out of the groups' polynomials.
    func missed(_ rest: (Int) -> ChoicePolynomial) -> Double {
        let left = (0..<groups).map(rest)
        return ways.reduce(0) { sum, way in
            sum + way.weight * way.groups.reduce(.one(degree: degree)) { $0 * left[$1] }[degree]
        }
    }

    /// All sets of `size` of the numbers below `count`, in ascending order.
    private static func subsets(of count: Int, size: Int) -> [[Int]] {
        var subset = Array(0..<size)
        var subsets = [subset]
        // The last number that can rise does, and those behind it follow it.
        while let place = subset.indices.last(where: { subset[$0] < count - size + $0 }) {
            subset[place] += 1
            for next in place + 1..<max(size, place + 1) { subset[next] = subset[next - 1] + 1 }
            subsets.append(subset)
        }
        return subsets
    }
}

/// Elementary symmetric polynomials of odds up to a degree: entry j sums the products of all j different ones.
struct ChoicePolynomial {
    private var sums: [Double]

    /// The polynomials of no odds: 1 for degree 0, else 0.
    static func one(degree: Int) -> ChoicePolynomial {
        ChoicePolynomial(odds: [], degree: degree)
    }

    init(odds: ArraySlice<Double>, degree: Int) {
        sums = [Double](repeating: 0, count: degree + 1)
        sums[0] = 1
        var seen = 0
        for value in odds where value > 0 {
            seen = min(seen + 1, degree)
            var entry = seen
            while entry > 0 {
                sums[entry] += sums[entry - 1] * value
                entry -= 1
            }
        }
    }

    /// The sum of the products of `degree` different odds.
    subscript(degree: Int) -> Double { sums[degree] }

    /// The values of the polynomials, from degree 0 up.
    var entries: [Double] { sums }

    /// The polynomial of the odds of both operands.
    static func * (left: ChoicePolynomial, right: ChoicePolynomial) -> ChoicePolynomial {
        var product = left
        for entry in product.sums.indices {
            var sum = 0.0
            for part in 0...entry { sum += left.sums[part] * right.sums[entry - part] }
            product.sums[entry] = sum
        }
        return product
    }
}
