import Foundation
import Testing

@testable import Tensors

/// Half precision against its definition in IEEE 754, for every bit pattern.
@Suite struct HalfPrecisionTests {
    @Test func convertsEveryBitPattern() {
        for bits in UInt16.min ... .max {
            let fraction = Float(bits & 0x3FF)
            let exponent = Int(bits >> 10 & 0x1F)
            let sign: Float = bits >> 15 == 1 ? -1 : 1
            let found = float(halfPrecision: bits)
            switch exponent {
            case 0: #expect(found == sign * fraction * 0x1p-24 && found.sign == sign.sign)
            case 31 where fraction > 0: #expect(found.isNaN)
            case 31: #expect(found == sign * .infinity)
            default:
                #expect(
                    found == sign * (1 + fraction / 1024) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
                )
            }
        }
    }
}
