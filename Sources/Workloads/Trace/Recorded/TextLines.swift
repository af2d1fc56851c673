import Tensors

/// The lines of a file, one after the other, in memory of the longest of them.
struct TextLines {
    /// The longest line that is read, in bytes: a request of vLLM with a million tokens has a tenth of it.
    static let longest = 1 << 30
    /// The bytes after which the memory of what was read is let go of.
    private static let window = 1 << 24

    private let file: MappedFile
    private var start = 0
    private var released = 0
    private(set) var number = 0

    /// Open a file.
    init(path: String) throws(TensorFileError) { file = try MappedFile(path: path) }

    /// The next line that holds more than blanks, without its end, or nil after the last; ``number`` is its number.
    mutating func next() throws(TensorFileError) -> [UInt8]? {
        while start < file.byteCount {
            number += 1
            let end = try end()
            let line = file.bytes(in: start..<end)
            start = min(end + 1, file.byteCount)
            if start - released >= Self.window {
                file.releaseMemory(in: released..<start)
                released = start
            }
            if line.contains(where: { $0 > 0x20 }) { return line }
        }
        return nil
    }

    /// The place of the line feed that ends the line, or the end of the file.
    private func end() throws(TensorFileError) -> Int {
        var from = start
        // Most lines are short, and some hold a whole request.
        var count = 128
        while from < file.byteCount {
            let bytes = file.bytes(in: from..<min(from + count, file.byteCount))
            if let place = bytes.firstIndex(of: 0x0A) { return from + place }
            from += bytes.count
            count = min(2 * count, Self.window)
            guard from - start <= Self.longest else {
                let message = "line \(number) has more than \(Self.longest) bytes, which are allowed"
                throw TensorFileError(path: file.path, message: message)
            }
        }
        return file.byteCount
    }

    /// All bytes of a file, of at most ``longest``.
    static func whole(path: String) throws(TensorFileError) -> [UInt8] {
        let file = try MappedFile(path: path)
        guard file.byteCount <= longest else {
            throw TensorFileError(path: path, message: "has \(file.byteCount) bytes; at most \(longest) are allowed")
        }
        return file.bytes(in: 0..<file.byteCount)
    }
}
