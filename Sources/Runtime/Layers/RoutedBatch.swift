internal import MoE

/// A router's decision with all that it follows from.
struct RoutedBatch: Sendable {
    /// What the router remembered before.
    let state: RouterState
    /// What the router was given.
    let batch: RouterBatch
    /// What it decided.
    let routing: Routing
}
