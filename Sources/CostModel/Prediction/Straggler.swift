/// A rank that computes more slowly than the others.
public struct Straggler: Equatable, Sendable {
    /// The rank.
    public var rank: Int
    /// What multiplies the time of its gate and experts; 1 changes nothing.
    public var factor: Double

    /// A slow rank.
    public init(rank: Int, factor: Double) {
        self.rank = rank
        self.factor = factor
    }
}
