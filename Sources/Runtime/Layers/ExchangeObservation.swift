internal import Placement

/// What was seen of one exchange, kept as it is until the step is over.
struct ExchangeObservation: Sendable {
    /// Number of the micro-batch.
    let batch: Int
    /// What the router was given, what it remembered before, and what it decided.
    let routed: RoutedBatch
    /// Which slot computed each copy.
    let slots: SlotPlan
    let ranks: [RankObservation]
    let clock: LayerClock
}
