/// The generator SplitMix64 as a function of a counter: the same numbers on every machine.
///
/// Source: Steele, Lea and Flood, 'Fast splittable pseudorandom number generators', OOPSLA 2014.
enum SplitMix {
    /// A number from 0 to below 1.
    static func uniform(seed: UInt64, index: Int) -> Double {
        var word = seed &+ (UInt64(truncatingIfNeeded: index) &+ 1) &* 0x9E37_79B9_7F4A_7C15
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        word ^= word >> 31
        return Double(word >> 11) * 0x1p-53
    }
}
