import Tensors

/// The embedding table of a text workload, made from the seed instead of trained.
struct TokenEmbedding: Sendable {
    let seed: UInt64
    /// Width of a token, H.
    let hidden: Int

    /// The embedding of a token: uniform with variance 1, a function of (seed, token) only.
    ///
    /// A stream takes 56 bits, so the hash is folded onto its low 56 bits, as its authors advise for odd widths.
    func values(of token: UInt64) -> [Float] {
        let folded = token ^ (token >> 56)
        let stream = CounterRandom(
            seed: seed,
            purpose: .tokenEmbedding,
            Int(folded & 0xFFFF_FFFF),
            Int(folded >> 32 & 0xFFFF),
            Int(folded >> 48 & 0xFF)
        )
        var values = [Float](repeating: 0, count: hidden)
        stream.fill(&values, bound: SeededHiddenStates.bound)
        return values
    }
}
