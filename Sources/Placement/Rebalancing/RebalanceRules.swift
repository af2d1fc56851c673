/// When experts are placed anew while a model runs.
public enum RebalanceTrigger: String, Codable, CaseIterable, Sendable {
    /// Never: the placement of the start stays.
    case never
    /// Every so many steps.
    case interval
    /// When the imbalance of the steps in the history is above a threshold, at most once in an interval.
    case threshold
    /// Every interval, for the layers whose moves are paid back within a horizon.
    case breakEven = "break-even"
}

/// Whether steps go on while experts move.
public enum RebalanceMode: String, Codable, CaseIterable, Sendable {
    /// Old slots serve while new ones are loaded.
    case background
    /// The next step waits for all moves.
    case blocking
}

/// The rules by which a ``Rebalancer`` decides when to place anew, by what, and which layers to move.
public struct RebalanceRules: Equatable, Sendable {
    /// When experts are placed anew.
    public var trigger = RebalanceTrigger.never
    /// The fewest steps from one rebalance to the next, and to the first.
    public var interval = 16
    /// The mean imbalance of ``RebalanceTrigger/threshold`` above which experts are placed anew.
    public var threshold = 1.2
    /// Steps whose loads are kept.
    public var window = 16
    /// The factor by which the loads seen so far are weighed less with every step, in place of a window; nil for one.
    public var decay: Double?
    /// The most layers that are planned in a step, and whose experts move at a time; nil for all.
    public var layers: Int?
    /// The least fall of a layer's imbalance over the history for which its experts move.
    public var minGain = 0.0
    /// The cost of bringing an expert to a rank that does not hold it, for ``PlacementPolicy/busiestRank``, in parts of
    /// the mean rank's load.
    public var penalty = 0.0025
    /// Steps within which the moves of ``RebalanceTrigger/breakEven`` must be paid back.
    public var horizon = 100

    /// Rules that never rebalance.
    public init() {}
}

/// What steps and moves cost, for ``RebalanceTrigger/breakEven``.
public struct MovePrices: Equatable, Sendable {
    /// Seconds of the busiest rank for one routed copy.
    public var secondsPerCopy: Double
    /// Seconds for which a rank is busy with one expert that it gets.
    public var secondsPerMove: Double

    /// Prices in seconds.
    public init(secondsPerCopy: Double, secondsPerMove: Double) {
        self.secondsPerCopy = secondsPerCopy
        self.secondsPerMove = secondsPerMove
    }
}
