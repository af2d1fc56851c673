/// Random numbers as a pure function of (seed, stream, index): Philox4x32-10.
///
/// A counter-based generator gives every process the same weights and the same noise without passing a state around,
/// in any order and for any split of the work. Source: Salmon et al., 'Parallel random numbers: as easy as 1, 2, 3',
/// SC 2011, section 3.3; the published known-answer vectors are in the tests.
public struct CounterRandom: Equatable, Sendable {
    /// The purpose of random numbers. Streams with different purposes never share a number.
    public enum Purpose: UInt32, Sendable {
        case expertWeights = 1
        case routerWeights = 2
        case routerNoise = 3
        case tokenEmbedding = 4
        case expertPopularity = 5
        case expertChoice = 6
        case hiddenStates = 7
        case routerJitter = 8
        case loadedChoice = 9
        case popularityChange = 10
        case placement = 11
        case replicaChoice = 12
        case test = 255
    }

    private let key: SIMD2<UInt32>
    private let stream: SIMD2<UInt32>

    /// The stream that belongs to a seed, a purpose and three coordinates such as (layer, expert, matrix).
    ///
    /// - Parameters:
    ///   - seed: the run's seed.
    ///   - purpose: keeps the streams of different uses apart.
    ///   - first: a coordinate from 0, below 2^32; larger ones trap.
    ///   - second: a coordinate from 0, below 2^16; larger ones trap.
    ///   - third: a coordinate from 0, below 2^8; larger ones trap.
    public init(seed: UInt64, purpose: Purpose, _ first: Int = 0, _ second: Int = 0, _ third: Int = 0) {
        key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        stream = SIMD2(UInt32(first), UInt32(UInt16(second)) << 16 | UInt32(UInt8(third)) << 8 | purpose.rawValue)
    }

    /// The four words of block `index` of this stream.
    @inlinable
    public func block(_ index: UInt64) -> SIMD4<UInt32> {
        let counter = SIMD4(
            UInt32(truncatingIfNeeded: index),
            UInt32(truncatingIfNeeded: index >> 32),
            streamWords.x,
            streamWords.y
        )
        return Self.philox(counter: counter, key: keyWords)
    }

    /// Random word number `index` of this stream, 32 bits.
    @inlinable
    public func word(_ index: Int) -> UInt32 {
        block(UInt64(index / 4))[index % 4]
    }

    /// Random number `index` of this stream, uniform on [0, 1), with 24 random bits.
    @inlinable
    public func uniform(_ index: Int) -> Float {
        Float(word(index) >> 8) * 0x1p-24
    }

    /// Random number `index` of this stream, uniform on (0, 1), with 52 random bits: the middle of one of 2^52 equal
    /// cells, so its logarithm is finite.
    @inlinable
    public func uniformDouble(_ index: Int) -> Double {
        let words = block(UInt64(index))
        let bits = (UInt64(words[0]) << 32 | UInt64(words[1])) >> 12
        return (Double(bits) + 0.5) * 0x1p-52
    }

    /// Fill `values` with numbers that are uniform on [-bound, bound); element i is a function of (stream, i) only.
    ///
    /// Sums and logarithms are avoided on purpose: these bits are the same on every processor.
    public func fill(_ values: inout [Float], bound: Float) {
        let scale = bound * 0x1p-23
        var index = 0
        let count = values.count
        while index < count {
            let words = block(UInt64(index / 4))
            for lane in 0..<min(4, count - index) {
                values[index + lane] = Float(Int32(bitPattern: words[lane]) >> 8) * scale
            }
            index += 4
        }
    }

    @usableFromInline
    var keyWords: SIMD2<UInt32> { key }
    @usableFromInline
    var streamWords: SIMD2<UInt32> { stream }

    /// Ten rounds of Philox4x32.
    @inlinable
    static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var state = counter
        var roundKey = key
        for _ in 0..<10 {
            let first = UInt64(0xD251_1F53) &* UInt64(state.x)
            let second = UInt64(0xCD9E_8D57) &* UInt64(state.z)
            state = SIMD4(
                UInt32(truncatingIfNeeded: second >> 32) ^ state.y ^ roundKey.x,
                UInt32(truncatingIfNeeded: second),
                UInt32(truncatingIfNeeded: first >> 32) ^ state.w ^ roundKey.y,
                UInt32(truncatingIfNeeded: first)
            )
            roundKey = SIMD2(roundKey.x &+ 0x9E37_79B9, roundKey.y &+ 0xBB67_AE85)
        }
        return state
    }
}

/// A generator whose state is one word: cheap to step, and the same numbers on every machine.
///
/// Source: Steele, Lea and Flood, 'Fast splittable pseudorandom number generators', OOPSLA 2014, figure 17.
public struct SplitMix64: Equatable, Sendable {
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var state: UInt64

    /// A generator of the numbers that follow from a seed, from number `index` on.
    @inline(__always)
    public init(seed: UInt64, index: Int = 0) {
        state = seed &+ UInt64(truncatingIfNeeded: index) &* Self.step
    }

    /// The next word of 64 random bits.
    @inline(__always)
    public mutating func next() -> UInt64 {
        state &+= Self.step
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// The next number from 0 to below 1, with 53 random bits.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}
