/// bfloat16: the upper half of an IEEE 754 single, as the bit pattern that goes over the wire and into oneDNN.
public struct BFloat16: Equatable, Sendable {
    /// Sign, 8 exponent bits, 7 fraction bits.
    public var bitPattern: UInt16

    /// Takes a stored bit pattern.
    @inlinable
    public init(bitPattern: UInt16) {
        self.bitPattern = bitPattern
    }

    /// Rounds to nearest, ties to even; a NaN stays a (quiet) NaN.
    ///
    /// Nothing here branches, so that a loop over it becomes vector instructions.
    @inlinable
    public init(_ value: Float) {
        let bits = value.bitPattern
        let rounded = bits &+ 0x7FFF &+ (bits >> 16 & 1)
        bitPattern = UInt16(truncatingIfNeeded: (value.isNaN ? bits | 0x0040_0000 : rounded) >> 16)
    }

    /// The same value as a single; exact.
    @inlinable
    public var float: Float {
        Float(bitPattern: UInt32(bitPattern) << 16)
    }
}
