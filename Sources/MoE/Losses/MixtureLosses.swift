import Foundation

/// The error functions of Jacobs et al. 1991 for one token, in the order in which the paper discusses them.
///
/// p_i are the gate's probabilities `[experts]`, o_i the experts' outputs `[experts, width]`, d the target `[width]`.
public struct MixtureLosses: Equatable, Sendable {
    /// E1 = |d - sum of p_i o_i|^2: couples the experts.
    public let linear: Double
    /// E2 = sum of p_i |d - o_i|^2, the weighted errors of single experts, which lets the experts compete.
    public let competitive: Double
    /// E3 = -log sum of p_i exp(-|d - o_i|^2 / 2), the error function that the paper uses.
    public let mixture: Double
    /// h_i = p_i exp(-|d - o_i|^2 / 2) / sum over all: how far expert i answers for the target, `[experts]`.
    public let responsibility: [Double]
    /// The gradient of E3 by the expert outputs: dE3/do_i = -h_i (d - o_i), `[experts, width]`.
    public let outputGradient: [[Double]]
    /// The gradient of E3 by the gate's logits: dE3/dl_i = p_i - h_i, `[experts]`.
    public let logitGradient: [Double]

    /// Compute the error functions, and the gradients of E3, of one token.
    ///
    /// - Precondition: one output per probability, each as wide as the target.
    public init(probabilities: [Double], outputs: [[Double]], target: [Double]) {
        precondition(outputs.count == probabilities.count, "one output per expert")
        precondition(outputs.allSatisfy { $0.count == target.count }, "outputs as wide as the target")
        let distances = outputs.map { output in
            zip(target, output).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        let mean = target.indices.map { column in
            probabilities.indices.reduce(0) { $0 + probabilities[$1] * outputs[$1][column] }
        }
        linear = zip(target, mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        competitive = zip(probabilities, distances).reduce(0) { $0 + $1.0 * $1.1 }
        // The nearest expert's exponent is taken out, so that far targets do not underflow to log 0.
        let nearest = distances.min() ?? 0
        let terms = zip(probabilities, distances).map { $0 * exp(-0.5 * ($1 - nearest)) }
        let sum = terms.reduce(0, +)
        mixture = 0.5 * nearest - log(sum)
        let shares = terms.map { $0 / sum }
        responsibility = shares
        outputGradient = zip(shares, outputs).map { share, output in
            zip(target, output).map { -share * ($0 - $1) }
        }
        logitGradient = zip(probabilities, shares).map { $0 - $1 }
    }
}
