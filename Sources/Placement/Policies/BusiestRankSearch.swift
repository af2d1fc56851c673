/// A search for the placement whose busiest rank has the least to do in windows of past loads.
///
/// It starts from a placement, swaps experts between ranks and gives slots to other experts while that lowers
///
///     mean over windows of the p-norm over ranks of (rank's cost / mean cost), in logarithms
///     + penalty * slots whose expert must be brought to the rank.
///
/// The p-norm stands for the maximum, so that ranks which are nearly the busiest count, too; p goes from 8 over 16 to 32,
/// since the coarse measure leads past what the fine one would be caught in. Replicas of an expert split
/// its copies evenly and never share a rank, unless that is asked for.
struct BusiestRankSearch {
    private typealias Lanes = SIMD8<Double>

    private let rules: SearchRules
    /// The power of loads is 2 to the number of squarings.
    private var squarings = 3
    /// Nodes that the replicas of an expert may not leave; 1 for no bounds.
    private let nodes: Int
    private let ranks: Int
    private let slotsPerRank: Int
    private let experts: Int
    /// Vectors of the windows of one rank or expert.
    private let width: Int
    /// The cost of one replica of each expert by its number of replicas so far, by window, `[experts * width]`.
    private var share: [Lanes]
    /// The cost of each rank, by window, in shares of the mean rank, `[ranks * width]`.
    private var load: [Lanes]
    /// The p-th power of ``load``, `[ranks * width]`.
    private var power: [Lanes]
    /// The weight of a change of the sum of powers in each window, `[width]`.
    private var slope: [Lanes]
    private var expertOfSlot: [Int]
    private var replicas: [Int]
    /// Slots of each expert on each rank, `[ranks * experts]`.
    private var held: [UInt8]
    /// Slots of each expert on each rank in the placement in force, `[ranks * experts]`, empty without one.
    private let heldBefore: [UInt8]
    private let costs: (_ expert: Int, _ replicas: Int) -> [Lanes]

    /// A search that starts from the given experts of slots.
    ///
    /// - Parameters:
    ///   - start: the expert of each slot, `[slots]`.
    ///   - windows: copies of each expert, `[windows][experts]`.
    ///   - ranks: ranks, each with equally many slots.
    ///   - cost: what is made least.
    ///   - nodes: nodes that the replicas of an expert may not leave.
    ///   - inForce: the placement that moves are counted from, or nil.
    init(
        from start: [Int],
        windows: [[Double]],
        ranks: Int,
        cost: some RankCost,
        nodes: Int,
        inForce: LayerPlacement?,
        rules: SearchRules
    ) {
        self.rules = rules
        self.nodes = nodes
        self.ranks = ranks
        slotsPerRank = start.count / ranks
        experts = windows[0].count
        let (experts, width) = (experts, (windows.count + 7) / 8)
        self.width = width
        expertOfSlot = start
        var replicas = [Int](repeating: 0, count: experts)
        for expert in start { replicas[expert] += 1 }
        self.replicas = replicas
        let means = windows.map { window in
            (0..<experts).reduce(0) { sum, expert in
                let slots = Double(replicas[expert])
                return sum + slots * cost.cost(ofSlotWith: window[expert] / slots)
            } / Double(ranks)
        }
        costs = { expert, slots in
            var lanes = [Lanes](repeating: .zero, count: width)
            for (index, window) in windows.enumerated() {
                lanes[index / 8][index % 8] = cost.cost(ofSlotWith: window[expert] / Double(slots)) / means[index]
            }
            return lanes
        }
        var share: [Lanes] = []
        for expert in 0..<experts { share += costs(expert, replicas[expert]) }
        self.share = share
        load = [Lanes](repeating: .zero, count: ranks * width)
        power = load
        slope = (0..<width).map { vector in
            var lanes = Lanes.zero
            for lane in 0..<8 where vector * 8 + lane < windows.count { lanes[lane] = 1 / Double(windows.count) }
            return lanes
        }
        weightOfWindow = slope
        held = Self.held(start, ranks: ranks, experts: experts)
        heldBefore =
            inForce.map { Self.held($0.slots.map(\.expert), ranks: ranks, experts: experts) } ?? []
        for slot in start.indices {
            for vector in 0..<width {
                load[slot / slotsPerRank * width + vector] += share[start[slot] * width + vector]
            }
        }
        for index in load.indices { power[index] = raised(load[index]) }
        setSlopes()
    }

    /// One over the number of windows in each lane of a window, else 0.
    private let weightOfWindow: [Lanes]

    /// The expert of each slot, once no change lowers the objective, or after `passes` passes over all slots.
    mutating func run(passes: Int = 200) -> [Int] {
        if !rules.allowsDuplicates { separateReplicas() }
        for squarings in 3...5 {
            self.squarings = squarings
            setPowers(of: Array(0..<ranks))
            for _ in 0..<passes {
                var changed = swapPass()
                if !changed { changed = replicaPass() }
                if !changed { break }
            }
        }
        return expertOfSlot
    }

    /// Swap replicas that share a rank with another to where that costs least, as far as there is such a place.
    private mutating func separateReplicas() {
        for slot in expertOfSlot.indices where held[slot / slotsPerRank * experts + expertOfSlot[slot]] > 1 {
            let best = partners(of: slot).min { changeBySwapping(slot, $0) < changeBySwapping(slot, $1) }
            if let best { swap(slot, best) }
        }
    }

    /// The expert of each slot that the search finds: from the placement in force, else from EPLB's.
    ///
    /// - Throws: ``PlacementError`` when ranks have different numbers of slots.
    static func experts(
        _ problem: PlacementProblem,
        _ rules: SearchRules,
        _ cost: some RankCost
    ) throws(PlacementError) -> [Int] {
        _ = try problem.differentSlotsPerRank("busiest-rank")
        let divides = problem.nodes > 1 && problem.keepsGroupsOnNodes
        let windows = LoadWindows(problem.loads).windows
        let balancer = try EPLB(problem)
        let balanced = (divides ? try balancer.hierarchical() : balancer.global()).experts
        let start = problem.inForce.map { $0.slots.map(\.expert) } ?? balanced
        guard !windows.isEmpty, problem.ranks > 1 else { return start }
        var search = BusiestRankSearch(
            from: start,
            windows: windows,
            ranks: problem.ranks,
            cost: cost,
            nodes: divides ? problem.nodes : 1,
            inForce: problem.inForce,
            rules: rules
        )
        return search.run()
    }

    // MARK: Swaps

    /// Try to swap the expert of each slot with the best other one; return whether any were.
    private mutating func swapPass() -> Bool {
        var changed = false
        for slot in expertOfSlot.indices {
            var best = (gain: -1e-9, slot: -1)
            for other in partners(of: slot) {
                let change = changeBySwapping(slot, other)
                if change < best.gain { best = (change, other) }
            }
            guard best.slot >= 0 else { continue }
            swap(slot, best.slot)
            changed = true
        }
        return changed
    }

    /// The slots of other ranks with which a slot may be swapped.
    private func partners(of slot: Int) -> [Int] {
        let (rank, expert) = (slot / slotsPerRank, expertOfSlot[slot])
        let ranksOfNode = ranks / nodes
        let node = rank / ranksOfNode
        let range = node * ranksOfNode * slotsPerRank..<(node + 1) * ranksOfNode * slotsPerRank
        return range.filter { other in
            let (otherRank, otherExpert) = (other / slotsPerRank, expertOfSlot[other])
            guard otherRank != rank, otherExpert != expert else { return false }
            return rules.allowsDuplicates
                || held[otherRank * experts + expert] == 0 && held[rank * experts + otherExpert] == 0
        }
    }

    private func changeBySwapping(_ slot: Int, _ other: Int) -> Double {
        let (rank, otherRank) = (slot / slotsPerRank, other / slotsPerRank)
        let (expert, otherExpert) = (expertOfSlot[slot], expertOfSlot[other])
        var change = Lanes.zero
        for vector in 0..<width {
            let difference = share[otherExpert * width + vector] - share[expert * width + vector]
            let (here, there) = (rank * width + vector, otherRank * width + vector)
            let powers = raised(load[here] + difference) + raised(load[there] - difference)
            change += slope[vector] * (powers - power[here] - power[there])
        }
        return change.sum() + moves(bringing: otherExpert, to: rank) - moves(bringing: otherExpert, to: otherRank)
            + moves(bringing: expert, to: otherRank) - moves(bringing: expert, to: rank)
    }

    private mutating func swap(_ slot: Int, _ other: Int) {
        let (rank, otherRank) = (slot / slotsPerRank, other / slotsPerRank)
        let (expert, otherExpert) = (expertOfSlot[slot], expertOfSlot[other])
        add(expert, to: rank, -1)
        add(otherExpert, to: otherRank, -1)
        add(otherExpert, to: rank, 1)
        add(expert, to: otherRank, 1)
        expertOfSlot.swapAt(slot, other)
        setPowers(of: [rank, otherRank])
    }

    // MARK: Replicas

    /// Try to give each replica's slot to the best other expert; return whether any were.
    private mutating func replicaPass() -> Bool {
        var changed = false
        for slot in expertOfSlot.indices where replicas[expertOfSlot[slot]] > 1 {
            var best = (gain: -1e-9, expert: -1)
            let (rank, expert) = (slot / slotsPerRank, expertOfSlot[slot])
            let removed = costs(expert, replicas[expert] - 1)
            for other in 0..<experts where other != expert && mayHold(other, rank) {
                let change = changeByGiving(slot, to: other, removed)
                if change < best.gain { best = (change, other) }
            }
            guard best.expert >= 0 else { continue }
            give(slot, to: best.expert)
            changed = true
        }
        return changed
    }

    private func mayHold(_ expert: Int, _ rank: Int) -> Bool {
        guard rules.allowsDuplicates || held[rank * experts + expert] == 0 else { return false }
        guard nodes > 1 else { return true }
        let ranksOfNode = ranks / nodes
        let first = rank / ranksOfNode * ranksOfNode
        return (first..<first + ranksOfNode).contains { held[$0 * experts + expert] > 0 }
    }

    private func changeByGiving(_ slot: Int, to other: Int, _ removed: [Lanes]) -> Double {
        let (rank, expert) = (slot / slotsPerRank, expertOfSlot[slot])
        let added = costs(other, replicas[other] + 1)
        var change = Lanes.zero
        for touched in 0..<ranks {
            let ofExpert = Double(held[touched * experts + expert]) - (touched == rank ? 1 : 0)
            let ofOther = Double(held[touched * experts + other])
            guard ofExpert > 0 || ofOther > 0 || touched == rank else { continue }
            for vector in 0..<width {
                let (before, otherBefore) = (share[expert * width + vector], share[other * width + vector])
                var difference = ofExpert * (removed[vector] - before) + ofOther * (added[vector] - otherBefore)
                if touched == rank { difference += added[vector] - before }
                let here = touched * width + vector
                change += slope[vector] * (raised(load[here] + difference) - power[here])
            }
        }
        return change.sum() + moves(bringing: other, to: rank) - moves(bringing: expert, to: rank)
    }

    private mutating func give(_ slot: Int, to other: Int) {
        let (rank, expert) = (slot / slotsPerRank, expertOfSlot[slot])
        let holding = (0..<ranks).filter {
            held[$0 * experts + expert] > 0 || held[$0 * experts + other] > 0 || $0 == rank
        }
        for (changed, count) in [(expert, -1), (other, 1)] {
            for touched in holding { add(changed, to: touched, -Int(held[touched * experts + changed]), keeps: true) }
            replicas[changed] += count
            share.replaceSubrange(
                changed * width..<(changed + 1) * width,
                with: costs(changed, replicas[changed])
            )
            for touched in holding { add(changed, to: touched, Int(held[touched * experts + changed]), keeps: true) }
            add(changed, to: rank, count)
        }
        expertOfSlot[slot] = other
        setPowers(of: holding)
    }

    // MARK: State

    /// Add `count` slots of an expert to a rank; with `keeps`, only to its load.
    private mutating func add(_ expert: Int, to rank: Int, _ count: Int, keeps: Bool = false) {
        guard count != 0 else { return }
        if !keeps { held[rank * experts + expert] = UInt8(Int(held[rank * experts + expert]) + count) }
        for vector in 0..<width { load[rank * width + vector] += Double(count) * share[expert * width + vector] }
    }

    private mutating func setPowers(of ranks: [Int]) {
        for rank in ranks {
            for index in rank * width..<(rank + 1) * width { power[index] = raised(load[index]) }
        }
        setSlopes()
    }

    /// The derivative of the logarithm of each window's norm by its sum of powers, which overstates every change.
    private mutating func setSlopes() {
        for vector in 0..<width {
            var sum = Lanes.zero
            for rank in 0..<ranks { sum += power[rank * width + vector] }
            slope[vector] = weightOfWindow[vector] / Double(1 << squarings) / sum.replacing(with: 1, where: sum .== 0)
        }
    }

    /// The penalty of a further slot with the expert on a rank that did not hold it.
    private func moves(bringing expert: Int, to rank: Int) -> Double {
        heldBefore.isEmpty || heldBefore[rank * experts + expert] > 0 ? 0 : rules.penalty
    }

    private func raised(_ value: Lanes) -> Lanes {
        var power = value
        for _ in 0..<squarings { power *= power }
        return power
    }

    private static func held(_ expertOfSlot: [Int], ranks: Int, experts: Int) -> [UInt8] {
        var held = [UInt8](repeating: 0, count: ranks * experts)
        let slotsPerRank = expertOfSlot.count / ranks
        for (slot, expert) in expertOfSlot.enumerated() { held[slot / slotsPerRank * experts + expert] += 1 }
        return held
    }
}
