/// bfloat16: the upper half of an IEEE 754 single, as the bit pattern that goes over the wire and into oneDNN.
public struct BFloat16: Equatable, Sendable {
    /// The bits: sign, 8 exponent bits, 7 fraction bits.
    public var bitPattern: UInt16

    /// Create a number from its stored bit pattern.
    @inlinable
    public init(bitPattern: UInt16) {
        self.bitPattern = bitPattern
    }

    /// Round to nearest, ties to even; a NaN stays a (quiet) NaN.
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

extension BFloat16 {
    /// Round `count` singles to bfloat16.
    @unsafe
    public static func round(_ source: UnsafePointer<Float>, count: Int, into target: UnsafeMutableRawPointer) {
        for index in 0..<count {
            let bits = unsafe BFloat16(source[index]).bitPattern
            unsafe target.storeBytes(of: bits, toByteOffset: index * 2, as: UInt16.self)
        }
    }

    /// Widen `count` values to singles.
    @unsafe
    public static func widen(_ source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<Float>) {
        for index in 0..<count {
            let bits = unsafe source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
            unsafe target[index] = BFloat16(bitPattern: bits).float
        }
    }
}
