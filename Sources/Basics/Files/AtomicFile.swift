import Glibc

/// A file that appears under its name only when it is complete.
///
/// Bytes go through a buffer to a temporary file beside it; ``commit()`` flushes them to disk and renames the file. A
/// value that goes out of scope without a commit removes the temporary file, unless that is to be kept.
public struct AtomicFile: ~Copyable {
    /// The size of the buffer, in bytes.
    static let bufferBytes = 1 << 16

    private let path: String
    private let temporary: String
    private let descriptor: CInt
    private let keepsPartial: Bool
    private let isDurable: Bool
    private var buffer: [UInt8] = []
    private var isCommitted = false

    /// Open the temporary file; the content of an earlier one is lost.
    ///
    /// - Parameters:
    ///   - path: the name of the committed file.
    ///   - temporary: the name before the commit, `<path>.partial` if it is nil; of several writers at once, each needs
    ///     its own.
    ///   - keepsPartial: true to leave the temporary file where there is no commit, for files of which a part is
    ///     useful.
    ///   - isDurable: false for a file that may be lost when the power fails; it is not flushed to disk.
    public init(
        path: String,
        temporary: String? = nil,
        keepsPartial: Bool = false,
        isDurable: Bool = true
    ) throws(FileError) {
        let temporary = temporary ?? path + ".partial"
        self.path = path
        self.temporary = temporary
        self.keepsPartial = keepsPartial
        self.isDurable = isDurable
        descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError("create", temporary) }
        buffer.reserveCapacity(Self.bufferBytes)
    }

    deinit {
        guard !isCommitted else { return }
        close(descriptor)
        if !keepsPartial { unsafe unlink(temporary) }
    }

    /// Write a complete file; an old one of the same name stays until the new one is complete.
    ///
    /// - Throws: ``FileError`` with the path and the system's reason.
    public static func write(_ text: String, to path: String) throws(FileError) {
        var file = try AtomicFile(path: path)
        try file.append(text)
        try file.commit()
    }

    /// Add a text in UTF-8.
    public mutating func append(_ text: String) throws(FileError) {
        try append(text.utf8)
    }

    /// Add bytes.
    public mutating func append(_ bytes: some Sequence<UInt8>) throws(FileError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Hand the bytes in the buffer to the system, which keeps them should this process die.
    public mutating func flush() throws(FileError) {
        let written = unsafe buffer.withUnsafeBytes { unsafe write($0, at: nil) }
        let failure = written < buffer.count ? FileError("write", temporary) : nil
        // What is with the system is not written twice, should a caller try again.
        buffer.removeFirst(written)
        if let failure { throw failure }
    }

    /// Set the size of the file, for values that are written at offsets.
    ///
    /// - Parameter byteCount: the size in bytes.
    public func extend(to byteCount: Int) throws(FileError) {
        guard ftruncate(descriptor, byteCount) == 0 else { throw FileError("extend", temporary) }
    }

    /// Write values at an offset in bytes, in their memory layout.
    public func write(_ values: [some BitwiseCopyable], at offset: Int) throws(FileError) {
        let isWhole = unsafe values.withUnsafeBytes { unsafe write($0, at: offset) == $0.count }
        guard isWhole else { throw FileError("write", temporary) }
    }

    /// Write the bytes in the buffer, flush the file to disk, and rename it; its name survives a loss of power, too.
    public consuming func commit() throws(FileError) {
        try flush()
        guard !isDurable || fsync(descriptor) == 0 else { throw FileError("flush", temporary) }
        guard unsafe rename(temporary, path) == 0 else { throw FileError("rename", temporary) }
        isCommitted = true
        guard close(descriptor) == 0 else { throw FileError("close", path) }
        if isDurable { try Folder.flush(Folder.of(path)) }
    }

    /// Write bytes at an offset, or after the bytes before, in as many calls as needed; return the number of bytes
    /// written.
    private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int?) -> Int {
        var done = 0
        while done < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count =
                if let offset {
                    unsafe pwrite(descriptor, rest.baseAddress, rest.count, offset + done)
                } else {
                    unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
                }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { break }
            done += count
        }
        return done
    }
}
