import Testing

@testable import Tensors

/// bfloat16 against a search of its neighbours in double precision.
@Suite struct BFloat16Tests {
    @Test func keepsEveryCode() {
        for bits in UInt16.min ... .max {
            let value = BFloat16(bitPattern: bits).float
            #expect(value.bitPattern == UInt32(bits) << 16)
            #expect(BFloat16(value).bitPattern == (value.isNaN ? bits | 0x40 : bits))
        }
    }

    @Test func roundsToTheNearestCode() {
        let random = CounterRandom(seed: 41, purpose: .test)
        var cases = (0..<20_000).map { Float(bitPattern: random.word($0) & 0x7F7F_7FFF) }
        cases += stride(from: 0, to: UInt32(0x7F7F), by: 97).flatMap { code in
            [-1, 0, 1].map { Float(bitPattern: UInt32(Int(code << 16 | 0x8000) + $0)) }
        }
        for value in cases {
            let low = UInt16(value.bitPattern >> 16)
            let below = Double(value) - Double(BFloat16(bitPattern: low).float)
            let above = Double(BFloat16(bitPattern: low + 1).float) - Double(value)
            let isUpper = above < below || above == below && low & 1 == 1
            #expect(BFloat16(value).bitPattern == low + (isUpper ? 1 : 0), "\(value)")
            #expect(BFloat16(-value).bitPattern == low + (isUpper ? 1 : 0) | 0x8000, "-\(value)")
        }
    }

    @Test func keepsInfinityAndNaN() {
        #expect(BFloat16(.infinity).float == .infinity && BFloat16(-.infinity).float == -.infinity)
        #expect(BFloat16(.greatestFiniteMagnitude).float == .infinity)
        #expect(BFloat16(Float(bitPattern: 0x7F80_0001)).bitPattern == 0x7FC0)
        #expect(BFloat16(Float(bitPattern: 0xFFFF_FFFF)).bitPattern == 0xFFFF)
    }
}
