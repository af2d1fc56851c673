/// Decides which experts see which tokens, and with what weight.
///
/// A router is a value without randomness, files or clocks of its own: everything it needs comes in with the batch,
/// so the same batch gives the same routing on any machine. A new router is one file with a type that conforms to
/// this protocol, and one line in ``RouterCatalog``.
public protocol Router: Sendable {
    /// The linear projections of the token that this router reads, each `[experts, hidden]`, in the order in which
    /// ``RouterBatch/projections`` must hold their results.
    var projections: [RouterProjection] { get }

    /// Routes the tokens of one layer in one step.
    ///
    /// - Parameters:
    ///   - batch: logits, random numbers and whatever else the rule reads.
    ///   - state: what the router carries from step to step in this layer (a selection bias, say).
    func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing
}
