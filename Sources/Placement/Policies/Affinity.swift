/// Experts that tokens choose together on one rank: less traffic instead of less imbalance.
///
/// Rank after rank takes the hottest expert left, then those that were chosen most often together with what it has.
/// Needs one slot per expert.
enum Affinity {
    /// The expert of each slot, `[slots]`.
    ///
    /// - Parameter cap: the most load that a rank may get, in shares of the mean, or nil for no limit.
    /// - Throws: ``PlacementError`` when experts are to be replicated, or pairs of experts are not known.
    static func experts(_ problem: PlacementProblem, cap: Double?) throws(PlacementError) -> [Int] {
        let (experts, perRank) = (problem.experts, try problem.slotsPerRank("affinity"))
        guard problem.slots == experts else {
            throw PlacementError(
                "\(problem.slots - experts) redundant slots; placement by affinity gives every expert 1 slot"
            )
        }
        guard let pairs = problem.coactivations else {
            throw PlacementError("placement by affinity needs the routing of tokens; loads alone do not say it")
        }
        let loads = (0..<experts).map { pairs[$0 * experts + $0] }
        let most = cap.map { $0 * loads.reduce(0, +) / Double(problem.ranks) } ?? .infinity
        var left = Set(0..<experts)
        var placed: [Int] = []
        /// The expert of those given with the largest value, equal ones by number.
        func best(_ candidates: some Sequence<Int>, _ value: (Int) -> Double) -> Int? {
            candidates.max { (value($0), -$0) < (value($1), -$1) }
        }
        for _ in 0..<problem.ranks {
            var members: [Int] = []
            var load = 0.0
            var together = [Double](repeating: 0, count: experts)
            while members.count < perRank {
                let fitting = left.filter { load + loads[$0] <= most }
                let next =
                    members.isEmpty
                    ? best(left) { loads[$0] }
                    : best(fitting) { together[$0] } ?? best(left) { -loads[$0] }
                guard let next else { break }
                left.remove(next)
                members.append(next)
                load += loads[next]
                for other in 0..<experts { together[other] += pairs[other * experts + next] }
            }
            placed += members
        }
        return placed
    }
}
