public import MoE
public import Placement

extension RoutedRows {
    /// Counts the rows of a plan. Copies that were dropped are not sent.
    ///
    /// - Precondition: `slots` was made of `plan`, and its placement has the ranks of the cluster.
    public init(plan: DispatchPlan, slots: SlotPlan, cluster: ModelledCluster) {
        let placement = slots.placement
        precondition(slots.slotOfCopy.count == plan.copies, "a slot for each copy")
        precondition(placement.ranks == cluster.ranks, "one cluster")
        var count = RowCount(plan: plan, slots: slots, cluster: cluster)
        let sources = SourceRanks(tokens: plan.tokens, ranks: cluster.ranks)
        for source in 0..<cluster.ranks {
            for token in sources.tokens(ofRank: source) { count.add(token, from: source) }
        }
        self.init(
            slotRows: (0..<cluster.ranks).map { count.slotRows[placement.slotNumbers(onRank: $0)].map { Double($0) } },
            ranks: count.ranks,
            tokens: (0..<cluster.ranks).map { Double(sources.tokens(ofRank: $0).count) }
        )
    }
}

/// Rows of a plan while they are counted.
private struct RowCount {
    private let plan: DispatchPlan
    private let slots: SlotPlan
    private let ranksPerNode: Int
    private let rankOfSlot: [Int32]
    private let ranksInNode: [Int]
    /// The token that last sent a row to each rank, and to each node.
    private var lastOfRank: [Int]
    private var lastOfNode: [Int]
    private(set) var slotRows: [Int]
    private(set) var ranks: [RankRows]

    init(plan: DispatchPlan, slots: SlotPlan, cluster: ModelledCluster) {
        self.plan = plan
        self.slots = slots
        ranksPerNode = cluster.ranksPerNode
        rankOfSlot = slots.placement.rankOfSlot
        ranksInNode = (0..<cluster.nodes).map { min(cluster.ranksPerNode, cluster.ranks - $0 * cluster.ranksPerNode) }
        lastOfRank = [Int](repeating: -1, count: cluster.ranks)
        lastOfNode = [Int](repeating: -1, count: cluster.nodes)
        slotRows = [Int](repeating: 0, count: rankOfSlot.count)
        ranks = [RankRows](repeating: RankRows(), count: cluster.ranks)
    }

    mutating func add(_ token: Int, from source: Int) {
        let sourceNode = source / ranksPerNode
        for copy in plan.copies(ofToken: token) {
            guard let slot = slots.slot(ofCopy: copy) else { continue }
            let target = Int(rankOfSlot[slot])
            slotRows[slot] += 1
            addCopy(source, target, crossesNodes: target / ranksPerNode != sourceNode)
            guard lastOfRank[target] != token else { continue }
            lastOfRank[target] = token
            addRow(token, source, target)
        }
    }

    private mutating func addCopy(_ source: Int, _ target: Int, crossesNodes: Bool) {
        if crossesNodes {
            ranks[source].nicCopies.sent += 1
            ranks[target].nicCopies.received += 1
        } else {
            ranks[source].nodeCopies.sent += 1
            ranks[target].nodeCopies.received += 1
            guard source != target else { return }
            ranks[source].linkCopies.sent += 1
            ranks[target].linkCopies.received += 1
        }
    }

    private mutating func addRow(_ token: Int, _ source: Int, _ target: Int) {
        let (sourceNode, node) = (source / ranksPerNode, target / ranksPerNode)
        ranks[source].rows.sent += 1
        ranks[target].rows.received += 1
        var holder = source
        if node != sourceNode {
            // A short last node has no rank at the place of every source.
            holder = node * ranksPerNode + (source % ranksPerNode) % ranksInNode[node]
            if lastOfNode[node] != token {
                lastOfNode[node] = token
                ranks[source].nicRows.sent += 1
                ranks[holder].nicRows.received += 1
            }
        }
        guard holder != target else { return }
        ranks[holder].linkRows.sent += 1
        ranks[target].linkRows.received += 1
    }
}
