/// The spread of copies over experts in a benchmark of expert products.
public enum BenchmarkRouting: Equatable, Sendable {
    /// Evenly.
    case uniform
    /// By popularities that follow a power law with this exponent.
    case powerLaw(Double)

    /// `uniform` or `power_law_1.2`, or nil for another text.
    init?(_ text: String) {
        if text == "uniform" {
            self = .uniform
        } else if text.hasPrefix("power_law_"), let exponent = Double(text.dropFirst(10)), (0...10).contains(exponent) {
            self = .powerLaw(exponent)
        } else {
            return nil
        }
    }
}
