/// The value of a float8 E4M3 number (1 sign, 4 exponent with bias 7, 3 fraction bits) as a single; exact.
///
/// The variant is the one of machine learning, 'E4M3FN': it has no infinities, and the two codes with all bits of
/// exponent and fraction set are NaN, so that the largest number is 448. Source: Micikevicius et al., 'FP8 formats for
/// deep learning', arXiv 2209.05433, table 1.
///
/// Exponent and fraction are moved to where a single has them, and the product with 2^120 corrects the exponent's
/// bias. The product is exact, and it normalises subnormal numbers as well.
@inline(__always)
func float(float8E4M3 bits: UInt8) -> Float {
    let sign = UInt32(bits & 0x80) << 24
    if bits & 0x7F == 0x7F { return Float(bitPattern: sign | 0x7FC0_0000) }
    let magnitude = UInt32(bits & 0x7F) << 20
    return Float(bitPattern: sign | (Float(bitPattern: magnitude) * 0x1p120).bitPattern)
}
