public import MoE
public import Placement

/// The rows of one layer: per slot, and per rank and kind of link.
///
/// Whole numbers when they were counted (``init(plan:slots:cluster:)``), expectations otherwise.
public struct RoutedRows: Equatable, Sendable {
    /// Rows of each slot of each rank, `[ranks][slots]`.
    public var slotRows: [[Double]]
    /// Rows that each rank sends and receives, by kind of link, `[ranks]`.
    public var ranks: [RankRows]
    /// Tokens that each rank owns, `[ranks]`.
    public var tokens: [Double]

    /// Rows of a layer.
    public init(slotRows: [[Double]], ranks: [RankRows], tokens: [Double]) {
        self.slotRows = slotRows
        self.ranks = ranks
        self.tokens = tokens
    }

    /// The number of slots of all ranks.
    public var slotCount: Int { slotRows.reduce(0) { $0 + $1.count } }

    /// The rows of a share `factor` of the tokens that is routed like the whole.
    public func scaled(by factor: Double) -> RoutedRows {
        func scaled(_ flow: Flow) -> Flow { Flow(sent: flow.sent * factor, received: flow.received * factor) }
        var part = self
        part.slotRows = slotRows.map { $0.map { $0 * factor } }
        part.tokens = tokens.map { $0 * factor }
        part.ranks = ranks.map { rank in
            var rows = RankRows()
            for path in RankRows.flows { rows[keyPath: path] = scaled(rank[keyPath: path]) }
            return rows
        }
        return part
    }
}

extension RankRows {
    /// Key paths of all kinds of flows.
    static var flows: [WritableKeyPath<RankRows, Flow>] {
        [\.nodeCopies, \.linkCopies, \.nicCopies, \.rows, \.linkRows, \.nicRows]
    }
}

extension RoutedRows {
    /// The rows that a routing has on average, with the tokens of each rank routed alike.
    ///
    /// Fluctuations from token to token are not in it: with few copies per expert the busiest rank of a real step has
    /// more. The copies of an expert are spread evenly over its slots, each token's by itself.
    ///
    /// - Precondition: all placed experts are in the routing; those behind them are identity experts, whose copies go
    ///   nowhere. Placement and cluster have the same ranks.
    public init(expected routing: ExpectedRouting, placement: LayerPlacement, cluster: ModelledCluster) {
        precondition(routing.shares.count >= placement.experts, "one model")
        precondition(placement.ranks == cluster.ranks, "one cluster")
        self.init(
            slotRows: Self.slotRows(routing, placement),
            ranks: ExpectedRows(routing, placement, cluster).ranks,
            tokens: routing.tokens(ofRanks: cluster.ranks)
        )
    }
}

extension RoutedRows {
    /// Rows with copies spread evenly over ranks, and without the links that they pass: enough to estimate memory.
    public init(evenly routing: ExpectedRouting, placement: LayerPlacement, cluster: ModelledCluster) {
        let placed = routing.shares.prefix(placement.experts).reduce(0, +)
        let copies = routing.tokens * Double(routing.choices) * placed
        let tokens = routing.tokens / Double(cluster.ranks)
        var rank = RankRows()
        rank.nodeCopies.received = copies / Double(cluster.ranks)
        rank.rows.received = min(copies / Double(cluster.ranks), routing.tokens)
        self.init(
            slotRows: Self.slotRows(routing, placement),
            ranks: [RankRows](repeating: rank, count: cluster.ranks),
            tokens: [Double](repeating: tokens, count: cluster.ranks)
        )
    }

    /// Rows of each slot, `[ranks][slots]`, with the copies of an expert spread evenly over its slots.
    private static func slotRows(_ routing: ExpectedRouting, _ placement: LayerPlacement) -> [[Double]] {
        let copies = routing.tokens * Double(routing.choices)
        let rows = placement.evenly(routing.shares.prefix(placement.experts).map { $0 * copies })
        return (0..<placement.ranks).map { Array(rows[placement.slotNumbers(onRank: $0)]) }
    }
}

/// Rows per rank of an average routing.
private struct ExpectedRows {
    private let cluster: ModelledCluster
    /// Tokens that each rank owns, and all.
    private let tokens: [Double]
    private let all: Double
    private let choices: Double
    /// Ranks of each node.
    private let nodes: [Range<Int>]
    /// Share of the copies that go to each rank, and to each node.
    private let rankShare: [Double]
    private let nodeShare: [Double]
    /// Share of the copies that go to any rank: all but those of identity experts.
    private let placedShare: Double
    /// Probability that a token sends a copy to each rank, and to each node.
    private let rankHit: [Double]
    private let nodeHit: [Double]

    init(_ routing: ExpectedRouting, _ placement: LayerPlacement, _ cluster: ModelledCluster) {
        self.cluster = cluster
        tokens = routing.tokens(ofRanks: cluster.ranks)
        all = routing.tokens
        choices = Double(routing.choices)
        let size = cluster.ranksPerNode
        let nodes = (0..<cluster.nodes).map { $0 * size..<min(($0 + 1) * size, cluster.ranks) }
        self.nodes = nodes
        let shareOfSlot = placement.evenly(Array(routing.shares.prefix(placement.experts)))
        let shareOfRank = (0..<cluster.ranks).map { rank in
            placement.slotNumbers(onRank: rank).reduce(0) { $0 + shareOfSlot[$1] }
        }
        rankShare = shareOfRank
        nodeShare = nodes.map { $0.reduce(0) { $0 + shareOfRank[$1] } }
        placedShare = routing.shares.count > placement.experts ? shareOfRank.reduce(0, +) : 1
        let hits = HitProbability(routing)
        rankHit = hits.hits((0..<cluster.ranks).map { Self.parts(of: placement, on: $0..<$0 + 1) })
        nodeHit = hits.hits(nodes.map { Self.parts(of: placement, on: $0) })
    }

    /// For each expert that some ranks hold, the share of its copies that go to these ranks.
    private static func parts(of placement: LayerPlacement, on ranks: Range<Int>) -> [HitProbability.Part] {
        let first = placement.slotNumbers(onRank: ranks.lowerBound).lowerBound
        let last = placement.slotNumbers(onRank: ranks.upperBound - 1).upperBound
        guard placement.hasReplicas else {
            return placement.slots[first..<last].map { HitProbability.Part(expert: $0.expert) }
        }
        let slots = Dictionary(grouping: placement.slots[first..<last], by: \.expert).mapValues(\.count)
        return slots.sorted { $0.key < $1.key }.map { expert, count in
            let all = placement.slotNumbers(ofExpert: expert).count
            return HitProbability.Part(expert: expert, share: Double(count) / Double(all))
        }
    }

    var ranks: [RankRows] {
        let rowsPerToken = rankHit.reduce(0, +)
        let nodesPerToken = nodeHit.reduce(0, +)
        return (0..<cluster.ranks).map { rank in
            let node = cluster.node(ofRank: rank)
            let hitsOfNode = nodes[node].reduce(0) { $0 + rankHit[$1] }
            var rows = copies(rank, node)
            rows.rows = Flow(sent: tokens[rank] * rowsPerToken, received: all * rankHit[rank])
            let fromAfar = remoteTokens(rank, node)
            let held = tokens[rank] + fromAfar
            rows.linkRows = Flow(
                sent: held * (hitsOfNode - rankHit[rank]),
                received: (all - held) * rankHit[rank]
            )
            rows.nicRows = Flow(
                sent: tokens[rank] * (nodesPerToken - nodeHit[node]),
                received: fromAfar * nodeHit[node]
            )
            return rows
        }
    }

    private func copies(_ rank: Int, _ node: Int) -> RankRows {
        let perRank = tokens[rank] * choices
        let near = nodes[node].reduce(0) { $0 + tokens[$1] } * choices
        let far = all * choices - near
        var rows = RankRows()
        rows.nodeCopies = Flow(sent: perRank * nodeShare[node], received: near * rankShare[rank])
        rows.linkCopies = Flow(
            sent: perRank * (nodeShare[node] - rankShare[rank]),
            received: (near - perRank) * rankShare[rank]
        )
        rows.nicCopies = Flow(sent: perRank * (placedShare - nodeShare[node]), received: far * rankShare[rank])
        return rows
    }

    /// The tokens of the ranks of other nodes whose rows come into the node through this rank.
    private func remoteTokens(_ rank: Int, _ node: Int) -> Double {
        let place = rank - nodes[node].lowerBound
        let size = nodes[node].count
        return nodes.indices.reduce(0) { sum, other in
            guard other != node else { return sum }
            // Places p of another node with p mod size = place.
            return nodes[other].reduce(sum) { sum, source in
                (source - nodes[other].lowerBound) % size == place ? sum + tokens[source] : sum
            }
        }
    }
}

extension RoutedRows {
    /// Count the rows of a plan. Copies that were dropped are not sent.
    ///
    /// - Parameter sources: the rank that owns each token; nil for equal runs.
    /// - Precondition: `slots` was made of `plan`, and its placement has the ranks of the cluster.
    public init(plan: DispatchPlan, slots: SlotPlan, cluster: ModelledCluster, sources: SourceRanks? = nil) {
        let placement = slots.placement
        precondition(slots.slotOfCopy.count == plan.copies, "a slot for each copy")
        precondition(placement.ranks == cluster.ranks, "one cluster")
        var count = RowCount(plan: plan, slots: slots, cluster: cluster)
        let sources = sources ?? SourceRanks(tokens: plan.tokens, ranks: cluster.ranks)
        for token in 0..<plan.tokens { count.add(token, from: sources.rank(ofToken: token)) }
        self.init(
            slotRows: (0..<cluster.ranks).map { count.slotRows[placement.slotNumbers(onRank: $0)].map { Double($0) } },
            ranks: count.ranks,
            tokens: sources.counts.map { Double($0) }
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

/// The token rows that pass one rank, both ways.
public struct Flow: Equatable, Sendable {
    /// Rows that the rank sends.
    public var sent: Double
    /// Rows that the rank receives.
    public var received: Double

    /// A flow of `sent` rows out of the rank and `received` rows into it.
    public init(sent: Double = 0, received: Double = 0) {
        self.sent = sent
        self.received = received
    }

    /// The larger of both directions: links carry both at once.
    public var larger: Double { max(sent, received) }
}

/// The rounding of real numbers to whole ones.
enum WholeNumbers {
    /// Round values from 0 so that their sum stays: the largest fractions are rounded up (largest remainder).
    static func keepingSum(_ values: [Double]) -> [Int] {
        var whole = values.map { Int($0.rounded(.down)) }
        let missing = Int(values.reduce(0, +).rounded()) - whole.reduce(0, +)
        let byFraction = values.indices.sorted { left, right in
            let fractions = (values[left] - values[left].rounded(.down), values[right] - values[right].rounded(.down))
            return fractions.0 == fractions.1 ? left < right : fractions.0 > fractions.1
        }
        for index in byFraction.prefix(max(0, missing)) { whole[index] += 1 }
        return whole
    }
}

/// Token rows of one rank in the dispatch of one layer, as each kind of kernel would send them.
///
/// Combine moves the same rows the other way.
public struct RankRows: Equatable, Sendable {
    /// A row per routed copy that stays in the node, including copies to the rank itself.
    public var nodeCopies = Flow()
    /// A row per routed copy to or from another rank of the node.
    public var linkCopies = Flow()
    /// A row per routed copy to or from another node.
    public var nicCopies = Flow()
    /// A row per (token, rank), including rows to the rank itself.
    public var rows = Flow()
    /// The part of `rows` that crosses a link of the node: from the source when it is in the node, else from the rank
    /// of the node that received the row from elsewhere, which has the source's place within its own node.
    public var linkRows = Flow()
    /// A row per (token, other node), at the rank with the source's place in its node.
    public var nicRows = Flow()

    /// The rows of a rank that neither sends nor receives any.
    public init() {}

    /// Routed copies that the rank's experts receive.
    public var copiesReceived: Double { nodeCopies.received + nicCopies.received }
}
