/// How popular the experts of a synthetic workload are.
public enum PopularityDistribution: String, Codable, CaseIterable, Sendable {
    /// All alike.
    case uniform
    /// The r-th most popular expert has popularity r^-exponent.
    case zipf
    /// The logarithm of the popularity is normal.
    case logNormal = "log-normal"
    /// Popularities drawn from a density x^-exponent.
    case powerLaw = "power-law"
}
