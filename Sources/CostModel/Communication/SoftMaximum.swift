import Foundation

/// A maximum that is rounded where two values meet: the p-norm.
enum SoftMaximum {
    /// (Σ x^p)^(1/p) of values from 0; larger p is closer to the largest of them.
    static func of(_ values: [Double], power: Double) -> Double {
        let largest = values.max() ?? 0
        guard largest > 0 else { return 0 }
        return largest * pow(values.reduce(0) { $0 + pow($1 / largest, power) }, 1 / power)
    }
}
