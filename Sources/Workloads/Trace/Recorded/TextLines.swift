import Basics
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

    /// Open a file of UTF-8, whose lines end in LF, CR LF or CR.
    init(path: String) throws(TensorFileError) { file = try Self.open(path) }

    private static func open(_ path: String) throws(TensorFileError) -> MappedFile {
        let file = try MappedFile(path: path)
        let head = file.bytes(in: 0..<min(TextEncoding.headByteCount, file.byteCount))
        if let fault = TextEncoding.fault(head) { throw TensorFileError(path: path, message: fault) }
        return file
    }

    /// The next line that holds more than blanks, without its end, or nil after the last; ``number`` is its number.
    mutating func next() throws(TensorFileError) -> [UInt8]? {
        while start < file.byteCount {
            number += 1
            let end = try end()
            let line = file.bytes(in: start..<end)
            let isPair = file.bytes(in: end..<min(end + 2, file.byteCount)) == [0x0D, 0x0A]
            start = min(end + (isPair ? 2 : 1), file.byteCount)
            if start - released >= Self.window {
                file.releaseMemory(in: released..<start)
                released = start
            }
            if line.contains(where: { $0 > 0x20 }) { return line }
        }
        return nil
    }

    /// The place of the line feed or carriage return that ends the line, or the end of the file.
    private func end() throws(TensorFileError) -> Int {
        var from = start
        // Most lines are short, and some hold a whole request.
        var count = 128
        while from < file.byteCount {
            let bytes = file.bytes(in: from..<min(from + count, file.byteCount))
            if let place = bytes.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) { return from + place }
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
        let file = try open(path)
        guard file.byteCount <= longest else {
            throw TensorFileError(path: path, message: "has \(file.byteCount) bytes; at most \(longest) are allowed")
        }
        return file.bytes(in: 0..<file.byteCount)
    }
}
