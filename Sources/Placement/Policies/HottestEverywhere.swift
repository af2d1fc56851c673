/// The hottest experts on every rank, so that their tokens never leave it; the rest replicated and packed as EPLB does.
///
/// Source: the `biased` policy of ROCm's ATOM.
enum HottestEverywhere {
    /// The expert of each slot, `[slots]`.
    ///
    /// - Throws: ``PlacementError`` when ranks have different numbers of slots.
    static func experts(_ problem: PlacementProblem) throws(PlacementError) -> [Int] {
        let (ranks, slotsPerRank) = (problem.ranks, try problem.differentSlotsPerRank("hottest-everywhere"))
        let loads = problem.totals.map { Float($0) }
        let redundant = problem.slots - problem.experts
        let everywhere = ranks > 1 ? min(redundant / (ranks - 1), problem.experts) : 0
        let byLoad = Packing.descending(loads)
        let hottest = byLoad.prefix(everywhere).sorted()
        let rest = byLoad.dropFirst(everywhere).sorted()
        let slotsOfRest = problem.slots - everywhere * ranks
        guard !rest.isEmpty else { return Array(repeatElement(hottest, count: ranks).joined()) }
        let replication = Replication(rest.map { loads[$0] }, slots: slotsOfRest)
        let weights = replication.expertOfSlot.map { loads[rest[$0]] / Float(replication.counts[$0]) }
        let room = [Int](repeating: slotsPerRank - everywhere, count: ranks)
        var experts = [Int](repeating: 0, count: problem.slots)
        for rank in 0..<ranks {
            for (index, expert) in hottest.enumerated() { experts[rank * slotsPerRank + index] = expert }
        }
        for (item, place) in Packing.heaviestFirst(weights, room: room).enumerated() {
            experts[place.pack * slotsPerRank + everywhere + place.position] = rest[replication.expertOfSlot[item]]
        }
        return experts
    }
}
