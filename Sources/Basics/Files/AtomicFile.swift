import Glibc

/// A file that appears under its name only when it is whole.
///
/// Bytes go to `<path>.partial` through a buffer of bounded size; ``commit()`` flushes them to disk and renames the
/// file. A value that is thrown away without a commit removes what it wrote, unless that was to be kept.
public struct AtomicFile: ~Copyable {
    /// Bytes held back before they are written.
    static let bufferBytes = 1 << 16

    private let path: String
    private let temporary: String
    private let descriptor: CInt
    private let keepsPartial: Bool
    private var buffer: [UInt8] = []
    private var isCommitted = false

    /// Opens `<path>.partial`, over what an earlier attempt may have left there.
    ///
    /// - Parameters:
    ///   - path: the name that the file gets in the end.
    ///   - keepsPartial: true to leave `<path>.partial` where there is no commit: part of such a file is worth having.
    public init(path: String, keepsPartial: Bool = false) throws(FileError) {
        self.path = path
        self.keepsPartial = keepsPartial
        temporary = path + ".partial"
        descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError("create", temporary) }
        buffer.reserveCapacity(Self.bufferBytes)
    }

    deinit {
        guard !isCommitted else { return }
        close(descriptor)
        if !keepsPartial { unsafe unlink(temporary) }
    }

    /// Writes a whole file; an old one of the same name stays as it is until the new one is whole.
    ///
    /// - Throws: ``FileError`` with the path and the system's reason.
    public static func write(_ text: String, to path: String) throws(FileError) {
        var file = try AtomicFile(path: path)
        try file.append(text)
        try file.commit()
    }

    /// Adds text in UTF-8.
    public mutating func append(_ text: String) throws(FileError) {
        try append(text.utf8)
    }

    /// Adds bytes.
    public mutating func append(_ bytes: some Sequence<UInt8>) throws(FileError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Hands what is held back to the system, which keeps it should this process die.
    public mutating func flush() throws(FileError) {
        var written = 0
        // What is with the system is not written twice, should a caller try again.
        defer { buffer.removeFirst(written) }
        while written < buffer.count {
            let count = unsafe buffer.withUnsafeBytes { bytes in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
                return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileError("write", temporary) }
            written += count
        }
    }

    /// Writes what is held back, brings it to disk, and gives the file its name, which outlives a loss of power, too.
    public consuming func commit() throws(FileError) {
        try flush()
        guard fsync(descriptor) == 0 else { throw FileError("flush", temporary) }
        guard unsafe rename(temporary, path) == 0 else { throw FileError("rename", temporary) }
        isCommitted = true
        guard close(descriptor) == 0 else { throw FileError("close", path) }
        try Folder.flush(Folder.of(path))
    }
}
