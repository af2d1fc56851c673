internal import CMalloc

/// The allocator of this process for large blocks of memory.
public enum Heap {
    /// Blocks up to this size come from a heap, and are used again when they are freed. Fresh pages cost more than what
    /// is done with them: a chunk's buffer is filled once and sent.
    private static let heapBlocks: Int32 = 32 << 20
    /// Free memory at the end of a heap that is kept.
    private static let kept: Int32 = 512 << 20

    /// Keeps the buffers of chunks, which are all alike, for the next ones; larger blocks are given back when freed.
    public static func keepChunkBuffers() {
        mallopt(M_MMAP_THRESHOLD, heapBlocks)
        mallopt(M_TRIM_THRESHOLD, kept)
    }
}
