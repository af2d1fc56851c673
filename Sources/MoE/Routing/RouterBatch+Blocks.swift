import Tensors

extension RouterBatch {
    /// Logits of a block: its numbers in double precision stay in a core's own cache, and their memory comes back with
    /// the next block instead of from the system.
    private static let blockLogits = 4096

    /// The tokens in blocks, at least one; the last one holds the rest.
    var blocks: [Range<Int>] {
        let size = max(1, Self.blockLogits / max(experts, 1))
        guard tokens > size else { return [0..<tokens] }
        return stride(from: 0, to: tokens, by: size).map { $0..<min($0 + size, tokens) }
    }
}

extension [Float] {
    /// True when no value is infinite or NaN. It reads all of them, many at a time.
    var areFinite: Bool {
        unsafe withUnsafeBufferPointer { values in
            var largest: Int32 = 0
            for index in 0..<values.count {
                largest = unsafe Swift.max(largest, Int32(bitPattern: values[index].bitPattern & 0x7F80_0000))
            }
            return largest != 0x7F80_0000
        }
    }
}
