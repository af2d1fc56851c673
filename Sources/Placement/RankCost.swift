/// What the copies of a rank's slots cost, as a sum over slots: by default the copies themselves.
///
/// A cost model gives seconds: reading the weights of a slot costs time even where few copies wait for it.
public protocol RankCost: Sendable {
    /// The cost of one slot that computes `copies` copies; 0 for none.
    func cost(ofSlotWith copies: Double) -> Double
}

/// The cost of a slot in copies.
public struct CopyCost: RankCost {
    /// A cost of 1 for every copy.
    public init() {}

    /// The copies themselves.
    public func cost(ofSlotWith copies: Double) -> Double { copies }
}
