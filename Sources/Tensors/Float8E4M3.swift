/// float8 E4M3 (1 sign, 4 exponent bits with bias 7, 3 fraction bits), as the bit pattern that goes over the wire.
///
/// The variant is the one of machine learning, 'E4M3FN': it has no infinities, and the two codes with all bits of
/// exponent and fraction set are NaN, so that the largest number is 448. Source: Micikevicius et al., 'FP8 formats for
/// deep learning', arXiv 2209.05433, table 1.
public struct Float8E4M3: Equatable, Sendable {
    /// The largest number that the format holds.
    public static let greatestFiniteMagnitude: Float = 448

    /// The bits: sign, exponent, fraction.
    public var bitPattern: UInt8

    /// Create a number from its stored bit pattern.
    @inlinable
    public init(bitPattern: UInt8) {
        self.bitPattern = bitPattern
    }

    /// Round to nearest, ties to even; what is beyond 448 becomes 448, and a NaN stays a NaN.
    ///
    /// Nothing here branches, so that a loop over it becomes vector instructions.
    @inlinable
    public init(_ value: Float) {
        // Signed, because that is how the oldest vector instructions compare.
        let pattern = Int32(bitPattern: value.bitPattern)
        let bits = pattern & 0x7FFF_FFFF
        // As patterns, so that a NaN compares like a number; 448 is 0x43E0_0000.
        let magnitude = min(bits, 0x43E0_0000)
        // From 2^-6 on: the exponent with the other bias, and the fraction rounded to its upper three bits.
        let normal = (magnitude &- 0x3C00_0000 &+ 0x7_FFFF &+ (magnitude >> 20 & 1)) >> 20
        // Below: a single from 2^14 on has steps of 2^-9, so a sum with 2^14 rounds to the steps of this type.
        let sum = Float(bitPattern: UInt32(bitPattern: magnitude)) + 0x1p14
        let subnormal = Int32(bitPattern: sum.bitPattern) &- 0x4680_0000
        let code = magnitude < 0x3C80_0000 ? subnormal : normal
        bitPattern = UInt8(truncatingIfNeeded: pattern >> 24 & 0x80 | (bits > 0x7F80_0000 ? 0x7F : code))
    }

    /// The same value as a single; exact.
    ///
    /// Exponent and fraction are moved to where a single has them, and the product with 2^120 corrects the exponent's
    /// bias. The product is exact, and it normalises subnormal numbers as well.
    @inlinable
    public var float: Float {
        let sign = UInt32(bitPattern & 0x80) << 24
        let code = UInt32(bitPattern & 0x7F)
        let magnitude = (Float(bitPattern: code << 20) * 0x1p120).bitPattern
        return Float(bitPattern: sign | (code == 0x7F ? 0x7FC0_0000 : magnitude))
    }
}
