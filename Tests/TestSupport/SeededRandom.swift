import Tensors

/// Random numbers that a printed seed brings back.
public struct SeededRandom: RandomNumberGenerator {
    /// The seed that brings the same numbers back.
    public let seed: UInt64
    private let stream: CounterRandom
    private var index: UInt64 = 0

    /// Create the numbers of a seed; without one, of a seed that no run had before.
    public init(seed: UInt64 = UInt64.random(in: 0...UInt64.max)) {
        self.seed = seed
        stream = CounterRandom(seed: seed, purpose: .test)
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        let words = stream.block(index)
        index += 1
        return UInt64(words.x) << 32 | UInt64(words.y)
    }

    /// True with the given probability.
    public mutating func happens(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &self) < probability
    }

    /// Random bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }
}
