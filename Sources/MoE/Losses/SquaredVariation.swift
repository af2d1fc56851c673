/// The loss of Shazeer et al. 2017, appendix A: the squared coefficient of variation.
public enum SquaredVariation {
    /// Population variance / (mean^2 + 1e-10): 0 at perfect balance, and 0 when all values are 0.
    public static func value(of values: [Double]) -> Double {
        let count = Double(max(values.count, 1))
        let mean = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        return variance / (mean * mean + 1e-10)
    }
}
