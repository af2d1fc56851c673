import Tensors

/// The random words of one token, one after the other.
///
/// A counter-based block seeds a generator that is cheap to step, so that a token's words depend on nothing but its place.
struct TokenWords {
    private var generator: SplitMix64

    init(random: CounterRandom, token: Int) {
        let block = random.block(UInt64(token))
        generator = SplitMix64(seed: UInt64(block[0]) << 32 | UInt64(block[1]))
    }

    @inline(__always)
    mutating func next() -> UInt32 { UInt32(truncatingIfNeeded: generator.next() >> 32) }
}
