import MoE

/// Draws the groups of experts that a token may use, by the groups' shares of the copies.
struct GroupDraw: Sendable {
    private let limit: GroupChoice
    private let bitOfExpert: [UInt64]
    private let table: AliasTable
    private let weights: [Double]

    /// Nil when the limit keeps all groups.
    init?(_ limit: GroupChoice, shares: [Double]) {
        guard limit.limits else { return nil }
        self.limit = limit
        let size = shares.count / limit.groups
        bitOfExpert = shares.indices.map { UInt64(1) << UInt64($0 / size) }
        let ofGroup = (0..<limit.groups).map { shares[$0 * size..<($0 + 1) * size].reduce(0, +) }
        weights = ChoiceSampler.weights(ofGroup, draws: limit.kept)
        table = AliasTable(weights)
    }

    /// `kept` different groups. One that keeps being missed is taken in order.
    func draw(_ words: inout TokenWords) -> AllowedGroups {
        var allowed = AllowedGroups(bitOfExpert: bitOfExpert)
        var left = limit.kept
        var misses = 0
        while left > 0 {
            let group =
                misses < 256 ? table.element(words.next()) : Int32(allowed.firstMissing(of: limit.groups, weights))
            if allowed.insert(group) { left -= 1 } else { misses += 1 }
        }
        return allowed
    }
}
