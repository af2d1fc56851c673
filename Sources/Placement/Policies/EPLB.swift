/// DeepSeek's expert-parallel load balancer: replicate the hottest experts, then pack the replicas.
///
/// Arithmetic is float32, as the published code has it. Two replicas of an expert may land on one rank.
/// Source: deepseek-ai/EPLB, `rebalance_experts_hierarchical`.
struct EPLB {
    /// The expert of each slot, and the number of the slot among its expert's in the order of replication, `[slots]`.
    struct Slots {
        fileprivate(set) var experts: [Int] = []
        fileprivate(set) var replicas: [Int] = []
    }

    private let problem: PlacementProblem
    private let slotsPerRank: Int
    private let loads: [Float]

    /// The balancer of one layer.
    ///
    /// - Throws: ``PlacementError`` when ranks have different numbers of slots.
    init(_ problem: PlacementProblem) throws(PlacementError) {
        self.problem = problem
        slotsPerRank = try problem.slotsPerRank("EPLB")
        loads = problem.totals.map { Float($0) }
    }

    /// The slots without regard to groups and nodes.
    func global() -> Slots {
        slots(of: Array(loads.indices), count: problem.slots)
    }

    /// The slots where the groups stay whole on a node.
    ///
    /// - Throws: ``PlacementError`` when groups or slots do not divide over nodes.
    func hierarchical() throws(PlacementError) -> Slots {
        let (groups, nodes) = (problem.groups, problem.nodes)
        guard groups.isMultiple(of: nodes) else {
            throw PlacementError("\(groups) groups on \(nodes) nodes; every node needs equally many whole groups")
        }
        guard problem.ranks.isMultiple(of: nodes) else {
            throw PlacementError("\(problem.ranks) ranks on \(nodes) nodes; nodes need equally many ranks")
        }
        let (groupSize, groupsPerNode) = (problem.experts / groups, groups / nodes)
        let ofGroups = (0..<groups).map { group in
            loads[group * groupSize..<(group + 1) * groupSize].reduce(0, +)
        }
        let places = Packing.heaviestFirst(ofGroups, room: [Int](repeating: groupsPerNode, count: nodes))
        var expertsOfNodes = [Int](repeating: 0, count: problem.experts)
        for (group, place) in places.enumerated() {
            let first = (place.pack * groupsPerNode + place.position) * groupSize
            for member in 0..<groupSize { expertsOfNodes[first + member] = group * groupSize + member }
        }
        let (perNode, slotsPerNode) = (problem.experts / nodes, problem.slots / nodes)
        return (0..<nodes).reduce(into: Slots()) { all, node in
            let ofNode = slots(of: Array(expertsOfNodes[node * perNode..<(node + 1) * perNode]), count: slotsPerNode)
            all.experts += ofNode.experts
            all.replicas += ofNode.replicas
        }
    }

    /// `count` slots for the given experts, over as many ranks as that takes.
    private func slots(of held: [Int], count: Int) -> Slots {
        let replication = Replication(held.map { loads[$0] }, slots: count)
        let weights = replication.expertOfSlot.map { loads[held[$0]] / Float(replication.counts[$0]) }
        let room = [Int](repeating: slotsPerRank, count: count / slotsPerRank)
        let none = [Int](repeating: 0, count: count)
        var slots = Slots(experts: none, replicas: none)
        for (item, place) in Packing.heaviestFirst(weights, room: room).enumerated() {
            let slot = place.pack * slotsPerRank + place.position
            slots.experts[slot] = held[replication.expertOfSlot[item]]
            slots.replicas[slot] = replication.replicaOfSlot[item]
        }
        return slots
    }
}
