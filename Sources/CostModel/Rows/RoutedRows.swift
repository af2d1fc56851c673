/// What the routing of one layer asks of a cluster: rows per slot, and rows per rank and kind of link.
///
/// Whole numbers when they were counted (``init(plan:slots:cluster:)``), expectations otherwise.
public struct RoutedRows: Equatable, Sendable {
    /// Rows of each slot of each rank, `[ranks][slots]`.
    public var slotRows: [[Double]]
    /// Rows of each rank, `[ranks]`.
    public var ranks: [RankRows]
    /// Tokens that each rank owns, `[ranks]`.
    public var tokens: [Double]

    /// Rows of a layer.
    public init(slotRows: [[Double]], ranks: [RankRows], tokens: [Double]) {
        self.slotRows = slotRows
        self.ranks = ranks
        self.tokens = tokens
    }

    /// Slots of all ranks.
    public var slotCount: Int { slotRows.reduce(0) { $0 + $1.count } }

    /// The rows of a part of the tokens that is like the whole.
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
    /// All kinds of flows.
    static var flows: [WritableKeyPath<RankRows, Flow>] {
        [\.nodeCopies, \.linkCopies, \.nicCopies, \.rows, \.linkRows, \.nicRows]
    }
}
