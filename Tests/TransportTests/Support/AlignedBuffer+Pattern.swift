import Tensors

extension AlignedBuffer {
    /// A buffer whose bytes depend on where they stand.
    static func patterned(_ byteCount: Int) -> AlignedBuffer {
        let buffer = AlignedBuffer(byteCount: byteCount)
        unsafe buffer.withUnsafeMutableBytes { bytes in
            for index in 0..<byteCount { unsafe bytes[index] = UInt8(truncatingIfNeeded: index &* 31 &+ index >> 8) }
        }
        return buffer
    }
}
