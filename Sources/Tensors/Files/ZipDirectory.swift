import Basics

/// The directory of a zip archive: its entries, and the places of their data.
///
/// Read are the archives that NumPy and Python write: stored and deflated entries, without encryption, in one part, and
/// with 64-bit sizes where they are needed. Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
struct ZipDirectory: Equatable, Sendable {
    /// One file of the archive.
    struct Entry: Equatable, Sendable {
        let name: String
        /// True when the data are compressed by deflate, false when they stand as they are.
        let isDeflated: Bool
        /// The CRC-32 of the data once they are uncompressed.
        let checksum: UInt32
        /// The bytes of the archive that hold the data.
        let data: Range<Int>
        /// Bytes of the data once they are uncompressed.
        let byteCount: Int
    }

    /// The most entries that are read; an archive of a model's layers has some hundreds.
    static let mostEntries = 1 << 16

    let entries: [Entry]

    /// Read the directory at the end of a file, and the head of each entry.
    ///
    /// - Throws: ``TensorFileError`` when there is no directory, an offset or size leaves the file, entries overlap or
    ///   share a name, or an entry is compressed or encrypted in another way.
    init(_ file: MappedFile) throws(TensorFileError) {
        let reader = ZipReader(file)
        let place = try reader.directory()
        var entries: [Entry] = []
        var at = place.offset
        for _ in 0..<place.count {
            let (entry, next) = try reader.entry(at: at, end: place.end)
            entries.append(entry)
            at = next
        }
        guard Set(entries.map(\.name)).count == entries.count else {
            throw reader.error("is a broken zip archive: two entries have the same name")
        }
        // Overlapping entries are how small archives become huge ones.
        let sorted = entries.sorted { $0.data.lowerBound < $1.data.lowerBound }
        for (entry, next) in zip(sorted, sorted.dropFirst()) where next.data.lowerBound < entry.data.upperBound {
            let names = "\(Quoted.text(entry.name)) and \(Quoted.text(next.name))"
            throw reader.error("is a broken zip archive: the data of \(names) overlap")
        }
        self.entries = entries
    }
}

/// A reader of the records of a zip archive, none of which it believes to be where it should.
private struct ZipReader {
    private static let endSignature: UInt64 = 0x0605_4b50
    private static let end64Signature: UInt64 = 0x0606_4b50
    private static let locatorSignature: UInt64 = 0x0706_4b50
    private static let entrySignature: UInt64 = 0x0201_4b50
    private static let headSignature: UInt64 = 0x0403_4b50
    private static let endBytes = 22
    private static let locatorBytes = 20
    private static let longestComment = 1 << 16
    /// The value of 32 bits that stands for one in a field of 64 bits.
    private static let elsewhere = 0xFFFF_FFFF

    private let file: MappedFile

    init(_ file: MappedFile) { self.file = file }

    func error(_ message: String) -> TensorFileError { TensorFileError(path: file.path, message: message) }

    /// A little-endian number of `count` bytes.
    private func number(_ count: Int, at offset: Int) throws(TensorFileError) -> Int {
        guard offset >= 0, offset <= file.byteCount - count else {
            throw error("is a broken zip archive: a record should stand at byte \(offset) of \(file.byteCount)")
        }
        let value = file.bytes(in: offset..<offset + count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let value = Int(exactly: value) else {
            throw error("is a broken zip archive: a size of \(value) bytes")
        }
        return value
    }

    /// The place of the directory and the number of its entries.
    func directory() throws(TensorFileError) -> (offset: Int, end: Int, count: Int) {
        let start = max(0, file.byteCount - Self.endBytes - Self.longestComment)
        let tail = file.bytes(in: start..<file.byteCount)
        let signature: [UInt8] = [0x50, 0x4b, 0x05, 0x06]
        let last = stride(from: tail.count - Self.endBytes, through: 0, by: -1).first {
            tail[$0...].starts(with: signature)
        }
        guard let last else { throw error("is not a zip archive, or its end is missing") }
        let record = start + last
        var count = try number(2, at: record + 10)
        var byteCount = try number(4, at: record + 12)
        var offset = try number(4, at: record + 16)
        var limit = record
        if count == 0xFFFF || byteCount == Self.elsewhere || offset == Self.elsewhere {
            let locator = record - Self.locatorBytes
            guard try number(4, at: locator) == Self.locatorSignature else {
                throw error("is a broken zip archive: it lacks the record with 64-bit sizes")
            }
            limit = try number(8, at: locator + 8)
            guard try number(4, at: limit) == Self.end64Signature else {
                throw error("is a broken zip archive: it lacks the record with 64-bit sizes")
            }
            count = try number(8, at: limit + 32)
            byteCount = try number(8, at: limit + 40)
            offset = try number(8, at: limit + 48)
        }
        guard offset <= limit, byteCount <= limit - offset else {
            throw error("is a broken zip archive: its directory of \(byteCount) bytes at \(offset) leaves the file")
        }
        guard count <= ZipDirectory.mostEntries else {
            throw error("is a zip archive of \(count) entries; at most \(ZipDirectory.mostEntries) are read")
        }
        return (offset, offset + byteCount, count)
    }

    /// The entry whose record in the directory begins at an offset, and the offset of the next record.
    func entry(at offset: Int, end: Int) throws(TensorFileError) -> (ZipDirectory.Entry, next: Int) {
        guard try number(4, at: offset) == Self.entrySignature else {
            throw error("is a broken zip archive: no entry at byte \(offset) of its directory")
        }
        let flags = try number(2, at: offset + 8)
        let method = try number(2, at: offset + 10)
        let checksum = UInt32(truncatingIfNeeded: try number(4, at: offset + 16))
        let nameBytes = try number(2, at: offset + 28)
        let extraBytes = try number(2, at: offset + 30)
        let commentBytes = try number(2, at: offset + 32)
        let nameEnd = offset + 46 + nameBytes
        let next = nameEnd + extraBytes + commentBytes
        guard next <= end else { throw error("is a broken zip archive: its directory ends within an entry") }
        let name = String(decoding: file.bytes(in: offset + 46..<nameEnd), as: UTF8.self)
        guard flags & 1 == 0, method == 0 || method == 8 else {
            let found = flags & 1 == 0 ? "is compressed by method \(method)" : "is encrypted"
            throw error("\(Quoted.text(name)) \(found); stored and deflated entries are read")
        }
        var sizes = [try number(4, at: offset + 24), try number(4, at: offset + 20), try number(4, at: offset + 42)]
        try widen(&sizes, extra: nameEnd..<nameEnd + extraBytes)
        let data = try dataRange(name, head: sizes[2], byteCount: sizes[1], end: end)
        // Deflate makes at most 1032 bytes of one (zlib's technical notes), so that a size can be refused beforehand.
        let (most, isHuge) = data.count.multipliedReportingOverflow(by: 1032)
        guard method == 0 ? sizes[0] == data.count : isHuge || sizes[0] <= most else {
            throw error("\(Quoted.text(name)) cannot have \(sizes[0]) bytes in \(data.count) bytes of the archive")
        }
        let entry = ZipDirectory.Entry(
            name: name,
            isDeflated: method == 8,
            checksum: checksum,
            data: data,
            byteCount: sizes[0]
        )
        return (entry, next)
    }

    /// Replace sizes that stand elsewhere by those of the record of 64-bit sizes, which holds them in this order.
    private func widen(_ sizes: inout [Int], extra: Range<Int>) throws(TensorFileError) {
        guard sizes.contains(Self.elsewhere) else { return }
        var at = extra.lowerBound
        while at + 4 <= extra.upperBound {
            let (kind, length) = (try number(2, at: at), try number(2, at: at + 2))
            at += 4
            guard kind == 1 else {
                at += length
                continue
            }
            for index in sizes.indices where sizes[index] == Self.elsewhere {
                guard at + 8 <= extra.upperBound else { break }
                sizes[index] = try number(8, at: at)
                at += 8
            }
            return
        }
    }

    /// The bytes behind the head of an entry, which has a name and extras of its own lengths.
    private func dataRange(
        _ name: String,
        head: Int,
        byteCount: Int,
        end: Int
    ) throws(TensorFileError) -> Range<Int> {
        guard head <= end, try number(4, at: head) == Self.headSignature else {
            throw error("is a broken zip archive: \(Quoted.text(name)) is not at byte \(head)")
        }
        let start = try head + 30 + number(2, at: head + 26) + number(2, at: head + 28)
        guard start <= end, byteCount <= end - start else {
            throw error("is a broken zip archive: \(Quoted.text(name)) has \(byteCount) bytes, which leave the file")
        }
        return start..<start + byteCount
    }
}
