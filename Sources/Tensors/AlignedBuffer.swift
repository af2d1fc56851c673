/// A block of memory of fixed size on a 64-byte boundary, for oneDNN to read and a socket to send from.
///
/// It is shared by reference so that a message in flight can keep it alive. Whoever writes to it must be the only
/// one that holds it at that time; that rule, not a lock, is what makes it `Sendable`.
@safe
public final class AlignedBuffer: @unchecked Sendable {
    /// The number of bytes of which every buffer's address is a multiple: one cache line, one AVX-512 register.
    public static let alignment = 64

    /// Number of bytes that the buffer holds.
    public let byteCount: Int

    /// The address of the first byte; it stays the same as long as the buffer lives.
    @unsafe public var start: UnsafeMutableRawPointer { unsafe storage }

    private let storage: UnsafeMutableRawPointer

    /// Allocate `byteCount` zeroed bytes.
    public convenience init(byteCount: Int) {
        unsafe self.init(uninitializedByteCount: byteCount)
        unsafe storage.initializeMemory(as: UInt8.self, repeating: 0, count: max(byteCount, 1))
    }

    /// Allocate bytes that hold anything, for a caller that writes all of them before any is read.
    ///
    /// - Parameter alignment: a power of two; the address is a multiple of it.
    @unsafe
    public init(uninitializedByteCount byteCount: Int, alignment: Int = AlignedBuffer.alignment) {
        precondition(byteCount >= 0, "a buffer cannot have \(byteCount) bytes")
        self.byteCount = byteCount
        unsafe storage = .allocate(byteCount: max(byteCount, 1), alignment: alignment)
    }

    /// Copy `values` into a new buffer of `values.count * 4` bytes.
    public convenience init(floats values: [Float]) {
        self.init(byteCount: values.count * MemoryLayout<Float>.stride)
        unsafe values.withUnsafeBytes { source in
            unsafe withUnsafeMutableBytes { unsafe $0.copyMemory(from: source) }
        }
    }

    deinit {
        unsafe storage.deallocate()
    }

    /// Lend the bytes for reading.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: storage, count: byteCount))
    }

    /// Lend the bytes for writing.
    public func withUnsafeMutableBytes<Result, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeMutableRawBufferPointer(start: storage, count: byteCount))
    }
}
