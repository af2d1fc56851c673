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

/// One loss that a router reports for a layer.
public struct BalanceLoss: Codable, Equatable, Sendable {
    /// What it is called in its paper, for example `switch auxiliary`.
    public var name: String
    /// The loss without its coefficient.
    public var value: Double
    /// Its coefficient in the training objective.
    public var coefficient: Double
    /// The value at perfect balance (1 or k, see the unit table in the docs), or nil where there is none.
    public var valueAtBalance: Double?

    /// A loss of `value`, weighted by `coefficient`.
    public init(name: String, value: Double, coefficient: Double, valueAtBalance: Double?) {
        self.name = name
        self.value = value
        self.coefficient = coefficient
        self.valueAtBalance = valueAtBalance
    }
}
