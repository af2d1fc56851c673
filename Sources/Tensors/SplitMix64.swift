/// A generator whose state is one word: cheap to step, and the same numbers on every machine.
///
/// Source: Steele, Lea and Flood, 'Fast splittable pseudorandom number generators', OOPSLA 2014, figure 17.
public struct SplitMix64: Equatable, Sendable {
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var state: UInt64

    /// The numbers that follow from a seed, from number `index` on.
    @inline(__always)
    public init(seed: UInt64, index: Int = 0) {
        state = seed &+ UInt64(truncatingIfNeeded: index) &* Self.step
    }

    /// The next word.
    @inline(__always)
    public mutating func next() -> UInt64 {
        state &+= Self.step
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// The next number from 0 to below 1, with 53 random bits.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}
