/// The frequencies at which a synthetic gate chooses the experts of a layer.
public enum ExpertDistribution: Equatable, Sendable {
    /// All experts alike.
    case uniform
    /// The expert of rank r in proportion to r^-exponent.
    case zipf(exponent: Double)
    /// Each expert in proportion to exp(sigma · z), z normal.
    case logNormal(sigma: Double)
    /// Each expert in proportion to a draw from the density x^-exponent on [1, 0.8 · tokens], the workload that NVIDIA's
    /// AIConfigurator measures expert products with.
    case powerLaw(exponent: Double)
}
