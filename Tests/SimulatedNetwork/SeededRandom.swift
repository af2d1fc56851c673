import Tensors

/// Random numbers that a printed seed brings back.
package struct SeededRandom: RandomNumberGenerator {
    private let stream: CounterRandom
    private var index: UInt64 = 0

    package init(seed: UInt64) {
        stream = CounterRandom(seed: seed, purpose: .test)
    }

    package mutating func next() -> UInt64 {
        let words = stream.block(index)
        index += 1
        return UInt64(words.x) << 32 | UInt64(words.y)
    }

    /// True with the given probability.
    package mutating func happens(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &self) < probability
    }

    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }
}
