/// All ways to choose some groups of experts, each with its probability.
struct GroupWays {
    /// For each group and each j: the sum over the ways that use it of their probability, times the j-th polynomial of the
    /// other groups' odds, over the k-th of all their odds.
    let others: [[Double]]
    /// The probability that each group is used.
    let used: [Double]
    private let groups: Int
    private let degree: Int
    /// Each way with its probability over the k-th polynomial of all its odds.
    private let ways: [(groups: [Int], weight: Double)]

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
