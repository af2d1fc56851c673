/// Draws from a discrete distribution in constant time.
///
/// Source: Vose, 'A linear algorithm for generating random numbers with a given distribution', IEEE Transactions on
/// Software Engineering 17 (9), 1991.
struct AliasTable: Equatable, Sendable {
    /// The part of each cell, in 2^-32, that is its own.
    private let threshold: [UInt32]
    private let alias: [Int32]

    /// - Parameter weights: none negative, their sum above 0.
    init(_ weights: [Double]) {
        let count = weights.count
        let scale = Double(count) / weights.reduce(0, +)
        var parts = weights.map { $0 * scale }
        var alias = (0..<count).map { Int32($0) }
        var small = parts.indices.filter { parts[$0] < 1 }
        var large = parts.indices.filter { parts[$0] >= 1 }
        while let low = small.last, let high = large.last {
            small.removeLast()
            alias[low] = Int32(high)
            parts[high] -= 1 - parts[low]
            if parts[high] < 1 {
                large.removeLast()
                small.append(high)
            }
        }
        // What is left is full up to rounding.
        for cell in small + large { parts[cell] = 1 }
        threshold = parts.map { UInt32(min($0 * 0x1p32, 0x1p32 - 1)) }
        self.alias = alias
    }

    /// The element that 32 random bits stand for: their high part chooses a cell, their low part its half.
    @inline(__always)
    func element(_ bits: UInt32) -> Int32 {
        let product = UInt64(bits) * UInt64(threshold.count)
        let cell = Int(product >> 32)
        return UInt32(truncatingIfNeeded: product) <= threshold[cell] ? Int32(cell) : alias[cell]
    }
}
