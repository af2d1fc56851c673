import Glibc

/// A regular file, mapped read-only into memory for as long as this object lives, or bytes that were made of one.
///
/// Pages are read when they are touched, so that opening a large file costs nothing. Whoever shortens a file while it
/// is mapped takes pages away from under its readers; replace a file by rename, as ``SafetensorsWriter`` does.
@safe
public final class MappedFile: @unchecked Sendable {
    /// The path that was opened.
    public let path: String
    /// Bytes of the file when it was opened.
    public let byteCount: Int

    /// The address of the first byte; nil for an empty file, which cannot be mapped.
    private let base: UnsafeMutableRawPointer?
    /// True when there is no file behind the bytes, so that the memory must not be let go of.
    private let isAnonymous: Bool

    /// Open and map the file at `path`.
    ///
    /// - Throws: ``TensorFileError`` when it cannot be opened, is not a regular file or cannot be mapped, and for a pointer
    ///   of git-lfs, which a clone without the large files has in their places.
    public init(path: String) throws(TensorFileError) {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw TensorFileError(path: path, action: "cannot be opened", code: errno) }
        defer { close(descriptor) }
        self.path = path
        isAnonymous = false
        byteCount = try Self.regularFileSize(descriptor, path: path)
        unsafe base = try Self.map(descriptor, byteCount: byteCount, path: path)
        let pointer = Array("version https://git-lfs.github.com/spec/".utf8)
        guard byteCount < pointer.count || bytes(in: 0..<pointer.count) != pointer else {
            let message = "is a pointer of git-lfs in the place of a file; fetch the file by git lfs pull"
            throw TensorFileError(path: path, message: message)
        }
    }

    /// Fill memory with bytes that come from a file but do not stand in it as they are, and keep it as if it were one.
    ///
    /// - Parameters:
    ///   - byteCount: bytes of the memory.
    ///   - path: the file from which they come.
    ///   - fill: writes the bytes.
    /// - Throws: ``TensorFileError`` when there is no memory, and what `fill` throws.
    init(
        memory byteCount: Int,
        for path: String,
        fill: (UnsafeMutableRawBufferPointer) throws(TensorFileError) -> Void
    ) throws(TensorFileError) {
        self.path = path
        self.byteCount = byteCount
        isAnonymous = true
        var address: UnsafeMutableRawPointer?
        if byteCount > 0 {
            unsafe address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            guard unsafe address != MAP_FAILED else {
                throw TensorFileError(path: path, action: "does not fit into memory", code: errno)
            }
        }
        unsafe base = address
        try unsafe fill(UnsafeMutableRawBufferPointer(start: address, count: byteCount))
    }

    deinit {
        if let base = unsafe base { unsafe munmap(base, byteCount) }
    }

    /// Lend the bytes of `range` for reading.
    ///
    /// - Precondition: `range` lies within the file.
    public func withUnsafeBytes<Result, Failure: Error>(
        in range: Range<Int>,
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "\(range) of \(byteCount) bytes")
        guard let base = unsafe base else {
            return try unsafe body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        return try unsafe body(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }

    /// A copy of the bytes of `range`.
    ///
    /// - Precondition: `range` lies within the file.
    public func bytes(in range: Range<Int>) -> [UInt8] {
        unsafe withUnsafeBytes(in: range) { unsafe [UInt8]($0) }
    }

    /// Unmap the pages that reading the bytes of `range` has mapped, so that they no longer count as this process's
    /// memory. Bytes that do not stand in a file as they are stay.
    ///
    /// The bytes can be read again; the system then maps them anew. The range is widened to 64 KiB, in which Linux maps
    /// pages around the one that is touched.
    ///
    /// - Precondition: `range` lies within the file.
    public func releaseMemory(in range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "\(range) of \(byteCount) bytes")
        guard !range.isEmpty, !isAnonymous, let base = unsafe base else { return }
        let window = 1 << 16
        let start = range.lowerBound / window * window
        let end = min((range.upperBound + window - 1) / window * window, byteCount)
        // Advice that is not taken costs memory, nothing else.
        _ = unsafe madvise(base + start, end - start, MADV_DONTNEED)
    }

    private static func regularFileSize(_ descriptor: Int32, path: String) throws(TensorFileError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw TensorFileError(path: path, action: "cannot be examined", code: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let found = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "a pipe, socket or device"
            throw TensorFileError(path: path, message: "is \(found); a regular file is needed")
        }
        return Int(status.st_size)
    }

    private static func map(
        _ descriptor: Int32,
        byteCount: Int,
        path: String
    ) throws(TensorFileError) -> UnsafeMutableRawPointer? {
        guard byteCount > 0 else { return nil }
        let address = unsafe mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard unsafe address != MAP_FAILED else {
            throw TensorFileError(path: path, action: "cannot be mapped", code: errno)
        }
        return unsafe address
    }
}
