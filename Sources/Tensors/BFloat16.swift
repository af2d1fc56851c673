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
    @inlinable
    public init(_ value: Float) {
        let bits = value.bitPattern
        if value.isNaN {
            bitPattern = UInt16(truncatingIfNeeded: bits >> 16) | 0x0040
        } else {
            bitPattern = UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16)
        }
    }

    /// The same value as a single; exact.
    @inlinable
    public var float: Float {
        Float(bitPattern: UInt32(bitPattern) << 16)
    }
}
