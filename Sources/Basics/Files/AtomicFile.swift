import Glibc

/// A file that appears under its name only when it is whole.
///
/// Bytes go to a temporary file beside it through a buffer; ``commit()`` flushes them to disk and renames
/// the file. A value that is thrown away without a commit removes what it wrote, unless that was to be kept.
public struct AtomicFile: ~Copyable {
    /// Bytes held back before they are written.
    static let bufferBytes = 1 << 16

    private let path: String
    private let temporary: String
    private let descriptor: CInt
    private let keepsPartial: Bool
    private let isDurable: Bool
    private var buffer: [UInt8] = []
    private var isCommitted = false

    /// Open the temporary file, over what an earlier attempt may have left there.
    ///
    /// - Parameters:
    ///   - path: the name that the file gets in the end.
    ///   - temporary: the name until then, `<path>.partial` if it is nil; of several writers at once, each needs its own.
    ///   - keepsPartial: true to leave the temporary file where there is no commit: part of such a file is worth having.
    ///   - isDurable: false for a file that nobody needs after a loss of power, which is not brought to disk.
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

    /// Write a whole file; an old one of the same name stays as it is until the new one is whole.
    ///
    /// - Throws: ``FileError`` with the path and the system's reason.
    public static func write(_ text: String, to path: String) throws(FileError) {
        var file = try AtomicFile(path: path)
        try file.append(text)
        try file.commit()
    }

    /// Add text in UTF-8.
    public mutating func append(_ text: String) throws(FileError) {
        try append(text.utf8)
    }

    /// Add bytes.
    public mutating func append(_ bytes: some Sequence<UInt8>) throws(FileError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Hand what is held back to the system, which keeps it should this process die.
    public mutating func flush() throws(FileError) {
        let written = unsafe buffer.withUnsafeBytes { unsafe write($0, at: nil) }
        let failure = written < buffer.count ? FileError("write", temporary) : nil
        // What is with the system is not written twice, should a caller try again.
        buffer.removeFirst(written)
        if let failure { throw failure }
    }

    /// Give the file a size, for values that are written at their places.
    public func extend(to byteCount: Int) throws(FileError) {
        guard ftruncate(descriptor, byteCount) == 0 else { throw FileError("extend", temporary) }
    }

    /// Write values at their place, as they stand in memory.
    public func write(_ values: [some BitwiseCopyable], at offset: Int) throws(FileError) {
        let isWhole = unsafe values.withUnsafeBytes { unsafe write($0, at: offset) == $0.count }
        guard isWhole else { throw FileError("write", temporary) }
    }

    /// Write what is held back, bring it to disk, and give the file its name, which outlives a loss of power, too.
    public consuming func commit() throws(FileError) {
        try flush()
        guard !isDurable || fsync(descriptor) == 0 else { throw FileError("flush", temporary) }
        guard unsafe rename(temporary, path) == 0 else { throw FileError("rename", temporary) }
        isCommitted = true
        guard close(descriptor) == 0 else { throw FileError("close", path) }
        if isDurable { try Folder.flush(Folder.of(path)) }
    }

    /// Write bytes at an offset, or after those before, however many calls it takes; give how many the system took.
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
