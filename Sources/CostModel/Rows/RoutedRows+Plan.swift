public import MoE
public import Placement

extension RoutedRows {
    /// Counts the rows of a plan. Copies that were dropped are not sent.
    ///
    /// - Precondition: plan and placement have the same experts, placement and cluster the same ranks.
    public init(plan: DispatchPlan, placement: LayerPlacement, cluster: ModelledCluster) {
        precondition(plan.experts == placement.experts && placement.ranks == cluster.ranks, "one model on one cluster")
        var count = RowCount(plan: plan, placement: placement, cluster: cluster)
        let sources = SourceRanks(tokens: plan.tokens, ranks: cluster.ranks)
        for source in 0..<cluster.ranks {
            for token in sources.tokens(ofRank: source) { count.add(token, from: source) }
        }
        self.init(
            expertRows: count.expertRows.map { Double($0) },
            expertsOfRank: (0..<cluster.ranks).map { placement.experts(onRank: $0) },
            ranks: count.ranks,
            tokens: (0..<cluster.ranks).map { Double(sources.tokens(ofRank: $0).count) }
        )
    }
}

/// Rows of a plan while they are counted.
private struct RowCount {
    private let plan: DispatchPlan
    private let ranksPerNode: Int
    private let rankOfExpert: [Int]
    private let ranksInNode: [Int]
    /// The token that last sent a row to each rank, and to each node.
    private var lastOfRank: [Int]
    private var lastOfNode: [Int]
    private(set) var expertRows: [Int]
    private(set) var ranks: [RankRows]

    init(plan: DispatchPlan, placement: LayerPlacement, cluster: ModelledCluster) {
        self.plan = plan
        ranksPerNode = cluster.ranksPerNode
        rankOfExpert = (0..<plan.experts).map { placement.rank(ofExpert: $0) }
        ranksInNode = (0..<cluster.nodes).map { min(cluster.ranksPerNode, cluster.ranks - $0 * cluster.ranksPerNode) }
        lastOfRank = [Int](repeating: -1, count: cluster.ranks)
        lastOfNode = [Int](repeating: -1, count: cluster.nodes)
        expertRows = [Int](repeating: 0, count: plan.experts)
        ranks = [RankRows](repeating: RankRows(), count: cluster.ranks)
    }

    mutating func add(_ token: Int, from source: Int) {
        let sourceNode = source / ranksPerNode
        for copy in plan.copies(ofToken: token) where plan.isKept(copy) {
            let expert = Int(plan.expert[copy])
            let target = rankOfExpert[expert]
            expertRows[expert] += 1
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
