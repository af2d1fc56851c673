/// Statistics of a load's spread over ranks or experts.
///
/// Where there is no load at all, it counts as perfectly even.
public struct LoadStatistics: Equatable, Sendable {
    /// The largest load divided by the mean load: 1 at perfect balance.
    public let imbalance: Double
    /// The mean load divided by the largest load: 1 at perfect balance. With time in proportion to load, the share of
    /// the machine that is used.
    public let balancedness: Double
    /// The population standard deviation of the loads divided by their mean (CV): 0 at perfect balance.
    public let coefficientOfVariation: Double

    /// The largest load divided by the mean load, minus 1 (MaxVio of Wang et al. 2024, arXiv 2408.15664): 0 at perfect
    /// balance.
    public var maxViolation: Double { imbalance - 1 }

    /// The statistics of one load per rank or expert; none may be negative.
    public init(_ loads: [Double]) {
        let sum = loads.reduce(0, +)
        guard let largest = loads.max(), sum > 0 else {
            (imbalance, balancedness, coefficientOfVariation) = (1, 1, 0)
            return
        }
        let mean = sum / Double(loads.count)
        let variance = loads.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(loads.count)
        imbalance = largest / mean
        balancedness = mean / largest
        coefficientOfVariation = variance.squareRoot() / mean
    }

    /// The statistics of one count per rank or expert.
    public init(_ loads: [Int]) {
        self.init(loads.map(Double.init))
    }
}
