/// What no placement with as many slots can go below, and what a placement reaches.
public enum Imbalance {
    /// The imbalance of ranks: the largest load over the mean, or nil without any load.
    public static func ofRanks(_ loads: [Double]) -> Double? {
        let total = loads.reduce(0, +)
        guard total > 0, let largest = loads.max() else { return nil }
        return largest * Double(loads.count) / total
    }

    /// The imbalance of a placement where replicas split the copies of their expert evenly, or nil without any load.
    ///
    /// - Parameter copies: copies of each expert, `[experts]`.
    public static func evenly(_ copies: [Double], on placement: LayerPlacement) -> Double? {
        ofRanks(placement.evenLoads(copies))
    }

    /// The lower bound of the imbalance of any placement with `slots` slots, for any split, or nil without any load.
    ///
    /// The largest load per replica after the greedy replication of these very copies, at most one replica a rank.
    ///
    /// - Parameter copies: copies of each expert, `[experts]`.
    public static func lowerBound(_ copies: [Double], slots: Int, ranks: Int) -> Double? {
        let total = copies.reduce(0, +)
        guard total > 0 else { return nil }
        let largest = Replication(copies.map { Float($0) }, slots: slots, most: ranks).largest
        return max(1, Double(largest) * Double(ranks) / total)
    }

    /// The least imbalance that any split of copies over replicas reaches on a placement, or nil without any load.
    ///
    /// - Parameter copies: copies of each expert, `[experts]`.
    public static func ofBestSplit(_ copies: [Int], on placement: LayerPlacement) -> Double? {
        let total = copies.reduce(0, +)
        guard total > 0 else { return nil }
        return BestSplit(copies, on: placement).load * Double(placement.ranks) / Double(total)
    }
}

extension LayerPlacement {
    /// Copies of each rank where replicas split the copies of their expert evenly, `[ranks]`.
    ///
    /// - Parameter copies: copies of each expert, `[experts]`.
    public func evenLoads(_ copies: [Double]) -> [Double] {
        let ofSlots = evenly(copies)
        return (0..<ranks).map { slotNumbers(onRank: $0).reduce(0) { $0 + ofSlots[$1] } }
    }
}
