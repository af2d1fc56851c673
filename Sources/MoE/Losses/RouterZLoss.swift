import Foundation

/// The router z-loss of ST-MoE (arXiv 2202.08906, section 3.3): the mean over tokens of logsumexp(logits)^2.
///
/// It keeps logits small; ST-MoE weighs it with 1e-3.
public enum RouterZLoss {
    /// The loss without a coefficient; 0 without tokens.
    ///
    /// - Parameters:
    ///   - logits: `[tokens * experts]`.
    ///   - experts: experts, E.
    public static func value(logits: [Double], experts: Int) -> Double {
        let tokens = logits.count / max(experts, 1)
        guard tokens > 0 else { return 0 }
        var sum = 0.0
        for token in 0..<tokens {
            let row = logits[token * experts..<(token + 1) * experts]
            let largest = row.max() ?? 0
            let logSum = largest + log(row.reduce(0) { $0 + exp($1 - largest) })
            sum += logSum * logSum
        }
        return sum / Double(tokens)
    }
}
