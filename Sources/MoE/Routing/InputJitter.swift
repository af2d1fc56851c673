public import Tensors

/// Noise on the input of the gate: every element of every token times U(1 - epsilon, 1 + epsilon).
///
/// Switch (arXiv 2101.03961, section 2.2) trains with epsilon 0.01; the experts see the token as it is.
public struct InputJitter: Equatable, Sendable {
    /// Half the width of the interval.
    public var epsilon: Double

    /// Jitter of a given width.
    ///
    /// - Precondition: `epsilon` is in `0..<1`.
    public init(epsilon: Double) {
        precondition(epsilon >= 0 && epsilon < 1, "an input jitter of \(epsilon)")
        self.epsilon = epsilon
    }

    /// The tokens `[tokens, hidden]` as the gate sees them; element i of row t depends on the stream and (t, i) only.
    ///
    /// - Parameter random: the stream that belongs to this (seed, step, layer), not used for anything else.
    public func applied(to tokens: Matrix, random: CounterRandom) -> Matrix {
        var jittered = tokens
        for index in jittered.values.indices {
            let factor = 1 + epsilon * (2 * random.uniformDouble(index) - 1)
            jittered.values[index] *= Float(factor)
        }
        return jittered
    }
}
