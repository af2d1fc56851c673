import Tensors

/// The random words of one token, one after the other.
///
/// A counter-based block seeds a generator that is cheap to step, so that a token's words depend on nothing but its
/// place. Source: Steele, Lea and Flood, 'Fast splittable pseudorandom number generators', OOPSLA 2014, figure 17
/// (SplitMix64).
struct TokenWords {
    private var state: UInt64

    init(random: CounterRandom, token: Int) {
        let block = random.block(UInt64(token))
        state = UInt64(block[0]) << 32 | UInt64(block[1])
    }

    @inline(__always)
    mutating func next() -> UInt32 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return UInt32(truncatingIfNeeded: (mixed ^ mixed >> 31) >> 32)
    }
}
