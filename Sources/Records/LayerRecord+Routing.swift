public import MoE

extension LayerRecord {
    /// The record of routing alone: loads and losses, without ranks, traffic and times.
    public init(layer: Int, routing: Routing) {
        let loads = ExpertLoads(routing.plan)
        self.init(
            layer: layer,
            expertCopies: loads.kept,
            expertDropped: loads.dropped,
            importance: routing.importance,
            tokensWithoutExpert: loads.tokensWithoutExpert,
            smoothLoad: routing.smoothLoad,
            paddedRows: routing.paddedRows,
            losses: routing.losses
        )
    }
}
