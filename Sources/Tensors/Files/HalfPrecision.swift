/// The value of an IEEE 754 half-precision number (1 sign, 5 exponent, 10 fraction bits) as a single; exact.
///
/// Exponent and fraction are moved to where a single has them, and the product with 2^112 corrects the exponent's
/// bias. The product is exact, and it normalises subnormal numbers as well.
@inline(__always)
func float(halfPrecision bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let magnitude = UInt32(bits & 0x7FFF) << 13
    if bits & 0x7C00 == 0x7C00 { return Float(bitPattern: sign | 0x7F80_0000 | magnitude) }
    return Float(bitPattern: sign | (Float(bitPattern: magnitude) * 0x1p112).bitPattern)
}
