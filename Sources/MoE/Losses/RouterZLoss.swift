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
        add(logits: logits, experts: experts, to: &sum)
        return sum / Double(tokens)
    }

    /// Adds logsumexp(logits)^2 of each token to `sum`.
    static func add(logits: [Double], experts: Int, to sum: inout Double) {
        unsafe logits.withUnsafeBufferPointer { logits in
            for start in stride(from: 0, to: logits.count, by: experts) {
                let row = unsafe UnsafeBufferPointer(rebasing: logits[start..<start + experts])
                let largest = unsafe Largest.value(row)
                var exponentials = 0.0
                for index in 0..<row.count { unsafe exponentials += exp(row[index] - largest) }
                let logSum = largest + log(exponentials)
                sum += logSum * logSum
            }
        }
    }
}
