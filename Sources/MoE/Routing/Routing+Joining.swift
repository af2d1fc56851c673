extension Routing {
    /// The routing of the tokens of this one and, behind them, those of `other`, which was routed by the same router.
    ///
    /// Importance, smooth load and padded rows are summed. A loss is the mean of both, weighted by tokens, as where a
    /// step is trained in micro-batches: for a balance loss that is not the loss of all tokens together.
    ///
    /// - Precondition: both are for the same experts and have the same losses in the same order.
    public func joined(with other: Routing) -> Routing {
        precondition(losses.map(\.name) == other.losses.map(\.name), "routings of different routers")
        let (own, all) = (Double(plan.tokens), Double(max(plan.tokens + other.plan.tokens, 1)))
        return Routing(
            plan: plan.joined(with: other.plan),
            importance: Self.sum(importance, other.importance),
            smoothLoad: smoothLoad.flatMap { load in other.smoothLoad.map { Self.sum(load, $0) } },
            losses: zip(losses, other.losses).map { first, second in
                var loss = first
                loss.value = (first.value * own + second.value * (all - own)) / all
                return loss
            },
            paddedRows: paddedRows.flatMap { rows in other.paddedRows.map { rows + $0 } }
        )
    }

    private static func sum(_ left: [Double], _ right: [Double]) -> [Double] {
        zip(left, right).map { $0 + $1 }
    }
}
