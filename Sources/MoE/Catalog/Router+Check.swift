import Tensors

extension Router {
    /// Makes sure that the router can route among so many experts, by routing no tokens at all.
    ///
    /// - Throws: ``RoutingError`` as ``route(_:state:)`` throws it for any batch.
    public func check(experts: Int) throws(RoutingError) {
        let batch = RouterBatch(
            tokens: 0,
            experts: experts,
            projections: projections.map { projection in
                Matrix(rows: 0, columns: columns(of: projection, experts: experts), values: [])
            },
            recorded: RecordedChoices(choicesPerToken: mostCopies(experts: experts), experts: [], weights: nil),
            tokenIDs: [],
            random: CounterRandom(seed: 0, purpose: .routerNoise)
        )
        var state = RouterState()
        _ = try route(batch, state: &state)
    }
}
