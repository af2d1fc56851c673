/// Token rows of one rank in the dispatch of one layer, as each kind of kernel would send them.
///
/// Combine moves the same rows the other way.
public struct RankRows: Equatable, Sendable {
    /// A row per routed copy that stays in the node, those to the rank itself among them.
    public var nodeCopies = Flow()
    /// A row per routed copy to or from another rank of the node.
    public var linkCopies = Flow()
    /// A row per routed copy to or from another node.
    public var nicCopies = Flow()
    /// A row per (token, rank), those to the rank itself among them.
    public var rows = Flow()
    /// Those rows that cross a link of the node: from the source when it is in the node, else from the rank of the
    /// node that received the row from elsewhere, which has the source's place within its own node.
    public var linkRows = Flow()
    /// A row per (token, other node), at the rank with the source's place in its node.
    public var nicRows = Flow()

    /// No rows.
    public init() {}

    /// Routed copies that the rank's experts receive.
    public var copiesReceived: Double { nodeCopies.received + nicCopies.received }
}
