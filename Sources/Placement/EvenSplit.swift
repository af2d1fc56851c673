/// `count` things in `parts` contiguous runs whose lengths differ by at most one, the longer ones first.
struct EvenSplit: Equatable, Sendable {
    private let count: Int
    private let shortLength: Int
    private let longParts: Int

    /// - Precondition: `count >= 0` and `parts >= 1`.
    init(count: Int, parts: Int) {
        precondition(count >= 0 && parts >= 1, "cannot split \(count) things into \(parts) parts")
        self.count = count
        (shortLength, longParts) = count.quotientAndRemainder(dividingBy: parts)
    }

    func range(ofPart part: Int) -> Range<Int> {
        let start = part * shortLength + min(part, longParts)
        return start..<start + shortLength + (part < longParts ? 1 : 0)
    }

    func part(of index: Int) -> Int {
        precondition(index >= 0 && index < count, "\(index) is outside 0..<\(count)")
        let inLongParts = longParts * (shortLength + 1)
        return index < inLongParts
            ? index / (shortLength + 1)
            : longParts + (index - inLongParts) / shortLength
    }
}
