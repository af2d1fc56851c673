/// One loss of the router over the measured steps so far.
public struct LossTotals: Equatable, Sendable {
    /// What it is called in its paper.
    public let name: String
    /// The loss without its coefficient, one value per (step, layer).
    public internal(set) var value: RunningMean
}
