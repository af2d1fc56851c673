import Glibc

extension SafetensorsWriter {
    /// A hidden name beside `path` that nobody else uses.
    static func temporaryPath(for path: String) -> String {
        let cut = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let tag = String(UInt64.random(in: .min ... .max), radix: 36)
        return path[..<cut] + "." + path[cut...] + "." + tag + ".partial"
    }

    /// Creates the temporary file, which must not exist.
    func create() throws(TensorFileError) -> Int32 {
        let created = unsafe open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard created >= 0 else { throw systemError("cannot be created") }
        return created
    }

    /// Gives the temporary file its full size.
    func extend(to byteCount: Int) throws(TensorFileError) {
        guard ftruncate(try openDescriptor(), byteCount) == 0 else {
            throw systemError("cannot be extended to \(byteCount) bytes")
        }
    }

    /// Writes values as they stand in memory.
    func write<Element: BitwiseCopyable>(_ values: [Element], at offset: Int) throws(TensorFileError) {
        let descriptor = try openDescriptor()
        let code = unsafe values.withUnsafeBytes { unsafe writeAll($0, to: descriptor, at: offset) }
        guard code == 0 else { throw TensorFileError(path: path, action: "cannot be written", code: code) }
    }

    /// The descriptor of a writer that is still open.
    func openDescriptor() throws(TensorFileError) -> Int32 {
        guard let descriptor else { throw TensorFileError(path: path, message: "was finished or abandoned before") }
        return descriptor
    }

    /// An error with the text of `errno`.
    func systemError(_ action: String) -> TensorFileError {
        TensorFileError(path: path, action: action, code: errno)
    }
}

/// Writes all bytes at an offset, however many calls it takes; 0, or the `errno` of the call that failed.
func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int) -> Int32 {
    var done = 0
    while done < bytes.count {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
        let written = unsafe pwrite(descriptor, rest.baseAddress, rest.count, offset + done)
        if written >= 0 {
            done += written
        } else if errno != EINTR {
            return errno
        }
    }
    return 0
}
