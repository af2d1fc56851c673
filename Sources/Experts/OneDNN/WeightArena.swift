internal import Foundation
internal import Tensors

/// Memory for packed weights, on huge pages where the system grants them.
///
/// Products with few rows read every weight once and wait for the translation of addresses as well as for memory; on
/// pages of 2 MiB they were 1.1 times as fast at 8 and 16 rows.
final class WeightArena {
    /// A piece of a block, which it keeps alive.
    struct Piece {
        let block: AlignedBuffer
        let offset: Int

        @unsafe var start: UnsafeMutableRawPointer { unsafe block.start + offset }
    }

    private static let hugePage = 2 << 20
    /// Bytes of a block: many matrices of fine-grained experts, and at most so much is reserved and not used.
    private static let blockBytes = 64 << 20

    private var block: AlignedBuffer?
    private var used = 0

    /// Room for so many bytes, which hold anything.
    func take(_ byteCount: Int) -> Piece {
        let size = (byteCount + AlignedBuffer.alignment - 1) / AlignedBuffer.alignment * AlignedBuffer.alignment
        if let block, used + size <= block.byteCount {
            defer { used += size }
            return Piece(block: block, offset: used)
        }
        let made = Self.block(byteCount: max(size, Self.blockBytes))
        block = made
        used = size
        return Piece(block: made, offset: 0)
    }

    private static func block(byteCount: Int) -> AlignedBuffer {
        let block = unsafe AlignedBuffer(uninitializedByteCount: byteCount, alignment: hugePage)
        // Advice: where it is not taken, the pages are small ones.
        _ = unsafe madvise(block.start, byteCount, MADV_HUGEPAGE)
        return block
    }
}
