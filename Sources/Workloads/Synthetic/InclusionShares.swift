import Foundation

/// How often experts are among k different draws in proportion to their popularity.
///
/// An expert of popularity p is among them with a probability of close to 1 - exp(-c p), with c such that k are expected.
/// Source: Rosén, 'Asymptotic theory for successive sampling', Annals of Mathematical Statistics 43 (2), 1972.
enum InclusionShares {
    /// Shares of the copies, of sum 1.
    ///
    /// - Parameters:
    ///   - logarithms: logarithms of the popularity up to one common summand, `[experts]`.
    ///   - choices: draws per token, k; at most as many as experts.
    static func shares(logarithms: [Double], choices: Int) -> [Double] {
        guard choices < logarithms.count else {
            return logarithms.map { _ in 1 / Double(logarithms.count) }
        }
        let most = logarithms.max() ?? 0
        let popularity = logarithms.map { exp($0 - most) }
        // The expected number rises with c: halving the logarithm of c finds it to the last bits.
        var (low, high) = (-60.0, 700.0)
        for _ in 0..<100 {
            let middle = (low + high) / 2
            let expected = popularity.reduce(0) { $0 - expm1(-exp(middle) * $1) }
            if expected < Double(choices) { low = middle } else { high = middle }
        }
        let included = popularity.map { -expm1(-exp(low) * $0) }
        let sum = included.reduce(0, +)
        return included.map { $0 / sum }
    }
}
