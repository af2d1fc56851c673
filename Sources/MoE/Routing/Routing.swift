/// The decision of a router for one layer in one step.
public struct Routing: Sendable {
    /// Which copies go where.
    public var plan: DispatchPlan
    /// Sum of the gate weights per expert before any drop, `[experts]`.
    public var importance: [Double]
    /// The differentiable estimate of the load per expert of Shazeer 2017, `[experts]`, where the router has one.
    public var smoothLoad: [Double]?
    /// The losses that the rule names, unweighted and weighted.
    public var losses: [BalanceLoss]
    /// Rows that the experts compute when their queues are padded as the system of this router pads them, or nil where
    /// it does not pad.
    public var paddedRows: Int?

    /// A routing with its statistics.
    public init(
        plan: DispatchPlan,
        importance: [Double],
        smoothLoad: [Double]? = nil,
        losses: [BalanceLoss] = [],
        paddedRows: Int? = nil
    ) {
        self.plan = plan
        self.importance = importance
        self.smoothLoad = smoothLoad
        self.losses = losses
        self.paddedRows = paddedRows
    }
}
