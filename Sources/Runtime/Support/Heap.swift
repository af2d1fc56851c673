internal import CMalloc

/// How this process gets large blocks of memory.
enum Heap {
    /// Blocks from this size on are mapped, and given back when they are freed.
    private static let mappedFrom: Int32 = 1 << 20

    /// Keeps glibc from raising its threshold for mapped blocks by itself: the buffers of a layer would then stay in a
    /// heap that they fragment, many times their own size.
    static func returnLargeBlocks() {
        mallopt(M_MMAP_THRESHOLD, mappedFrom)
        mallopt(M_TRIM_THRESHOLD, mappedFrom)
    }
}
