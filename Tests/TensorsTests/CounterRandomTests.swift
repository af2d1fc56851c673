import Testing

@testable import Tensors

@Suite("Counter-based random numbers")
struct CounterRandomTests {
    /// Known-answer vectors of Random123's `kat_vectors` file (philox4x32, 10 rounds).
    @Test(arguments: [
        (
            SIMD4<UInt32>(repeating: 0), SIMD2<UInt32>(repeating: 0),
            SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
        ),
        (
            SIMD4<UInt32>(repeating: .max), SIMD2<UInt32>(repeating: .max),
            SIMD4<UInt32>(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
        ),
        (
            SIMD4<UInt32>(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), SIMD2<UInt32>(0xa409_3822, 0x299f_31d0),
            SIMD4<UInt32>(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
        ),
    ])
    func knownAnswers(counter: SIMD4<UInt32>, key: SIMD2<UInt32>, expected: SIMD4<UInt32>) {
        #expect(CounterRandom.philox(counter: counter, key: key) == expected)
    }

    @Test func filledValuesDependOnIndexOnly() {
        let random = CounterRandom(seed: 7, purpose: .test, 1, 2, 3)
        var long = [Float](repeating: 0, count: 1001)
        var short = [Float](repeating: 0, count: 7)
        random.fill(&long, bound: 0.5)
        random.fill(&short, bound: 0.5)
        #expect(Array(long[..<7]) == short)
        #expect(long.allSatisfy { $0 >= -0.5 && $0 < 0.5 })
        let mean = long.reduce(0, +) / Float(long.count)
        #expect(abs(mean) < 0.05)
    }

    @Test func streamsDiffer() {
        let words = Set([
            CounterRandom(seed: 1, purpose: .test).word(0),
            CounterRandom(seed: 2, purpose: .test).word(0),
            CounterRandom(seed: 1, purpose: .routerNoise).word(0),
            CounterRandom(seed: 1, purpose: .test, 1).word(0),
            CounterRandom(seed: 1, purpose: .test, 0, 1).word(0),
            CounterRandom(seed: 1, purpose: .test, 0, 0, 1).word(0),
        ])
        #expect(words.count == 6)
    }
}
