internal import Tensors

/// Scratch memory that grows to the largest size that was asked for.
struct GrowingBuffer {
    private var buffer = AlignedBuffer(byteCount: 0)

    /// Room for so many bytes, which hold anything; valid until the next call.
    @unsafe
    mutating func bytes(_ count: Int) -> UnsafeMutableRawPointer {
        if buffer.byteCount < max(count, 1) { buffer = unsafe AlignedBuffer(uninitializedByteCount: max(count, 1)) }
        return unsafe buffer.start
    }

    /// Room for so many bytes, all zero.
    @unsafe
    mutating func zeros(_ count: Int) -> UnsafeMutableRawPointer {
        let start = unsafe bytes(count)
        unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: count)
        return unsafe start
    }
}
