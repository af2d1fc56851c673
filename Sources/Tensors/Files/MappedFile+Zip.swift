internal import CZlib
import Glibc

extension MappedFile {
    /// The most bytes that are handed to zlib at once, whose counts have 32 bits; also the window in which memory is
    /// let go of.
    private static let piece = 1 << 24

    /// The bytes of an entry: of this archive where they stand in it as they are, else of memory.
    ///
    /// - Throws: ``TensorFileError`` when they are damaged, or for lack of memory.
    func content(of entry: ZipDirectory.Entry) throws(TensorFileError) -> (MappedFile, Range<Int>) {
        let held = entry.isDeflated ? try inflated(entry.data, byteCount: entry.byteCount) : nil
        let (bytes, range) = held.map { ($0, 0..<$0.byteCount) } ?? (self, entry.data)
        guard bytes.checksum(in: range) == entry.checksum else {
            throw TensorFileError(path: path, message: "is damaged: its checksum is another")
        }
        return (bytes, range)
    }

    /// The bytes of a range that deflate (RFC 1951, without a header) has compressed, uncompressed.
    ///
    /// - Parameter byteCount: the bytes that must come of it.
    /// - Throws: ``TensorFileError`` when they are no such data, or more or fewer bytes; or for lack of memory.
    func inflated(_ range: Range<Int>, byteCount: Int) throws(TensorFileError) -> MappedFile {
        try unsafe MappedFile(memory: byteCount, for: path) { (target) throws(TensorFileError) in
            let isWhole = unsafe withUnsafeBytes(in: range) { source in unsafe Self.inflate(source, into: target) }
            guard isWhole else {
                throw TensorFileError(path: path, message: "is damaged: an entry does not uncompress to its size")
            }
        }
    }

    /// True when all of the source was read and gave as many bytes as the target has.
    private static func inflate(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
        var stream = unsafe z_stream()
        // A negative number of window bits is raw deflate (zlib.h, inflateInit2).
        guard unsafe inflateInit2_(&stream, -15, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size)) == Z_OK else {
            return false
        }
        defer { unsafe inflateEnd(&stream) }
        // An entry without bytes has no address; zlib wants one for what it will not write to.
        var nothing: UInt8 = 0
        return unsafe withUnsafeMutablePointer(to: &nothing) { nothing in
            let input = unsafe source.bindMemory(to: UInt8.self)
            let output = unsafe target.bindMemory(to: UInt8.self)
            var (taken, made, code) = (0, 0, Z_OK)
            while code == Z_OK {
                let available = min(input.count - taken, piece)
                let room = min(output.count - made, piece)
                unsafe stream.next_in = unsafe UnsafeMutablePointer(
                    mutating: input.baseAddress.map { unsafe $0 + taken }
                )
                unsafe stream.avail_in = UInt32(available)
                unsafe stream.next_out = unsafe output.baseAddress.map { unsafe $0 + made } ?? nothing
                unsafe stream.avail_out = UInt32(room)
                code = unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
                taken += unsafe available - Int(stream.avail_in)
                made += unsafe room - Int(stream.avail_out)
            }
            return code == Z_STREAM_END && taken == input.count && made == output.count
        }
    }

    /// The CRC-32 of the bytes of a range, as zip archives have it.
    func checksum(in range: Range<Int>) -> UInt32 {
        var sum: UInt = 0
        var start = range.lowerBound
        while start < range.upperBound {
            let piece = start..<min(start + Self.piece, range.upperBound)
            sum = unsafe withUnsafeBytes(in: piece) { bytes in
                unsafe crc32(sum, bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(bytes.count))
            }
            releaseMemory(in: piece)
            start = piece.upperBound
        }
        return UInt32(truncatingIfNeeded: sum)
    }
}
