import Tensors

/// Hidden states that carry no meaning: uniform on [-√3, √3), so that mean is 0 and variance 1.
struct SeededHiddenStates: Sendable {
    /// The bound that gives a uniform distribution variance 1.
    static let bound = Float(3).squareRoot()

    let seed: UInt64
    /// Width of a token, H.
    let hidden: Int

    /// The hidden states of some tokens, `[tokens.count, hidden]`; a token's row depends on (seed, token) only.
    func rows(_ tokens: some Collection<Int>) -> Matrix {
        var matrix = Matrix(rows: tokens.count, columns: hidden)
        var row = [Float](repeating: 0, count: hidden)
        for (index, token) in tokens.enumerated() {
            let stream = CounterRandom(seed: seed, purpose: .hiddenStates, token & 0xFFFF_FFFF, token >> 32)
            stream.fill(&row, bound: Self.bound)
            matrix.values.replaceSubrange(matrix.indices(ofRow: index), with: row)
        }
        return matrix
    }
}
