internal import CZlib

/// A stream that compresses text, piece by piece, into the format of gzip (RFC 1952), in bounded memory.
@safe final class GzipStream {
    /// The part of the text written so far that must be in the output when a write returns.
    enum Flush {
        /// As much as zlib chooses.
        case whenever
        /// All of the input.
        case now
        /// All of the input, and the end of the gzip file.
        case end

        fileprivate var code: CInt {
            switch self {
            case .whenever: Z_NO_FLUSH
            case .now: Z_SYNC_FLUSH
            case .end: Z_FINISH
            }
        }
    }

    /// The window bits of a window of 2^15 bytes, plus 16 for a header and a trailer of gzip around the data (zlib.h,
    /// deflateInit2).
    private static let windowBitsOfGzip: CInt = 15 + 16
    /// The memory level, the default of deflateInit2.
    private static let memoryLevel: CInt = 8
    private static let outputBytes = 1 << 16

    // zlib keeps the address of the structure, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var output = [UInt8](repeating: 0, count: outputBytes)

    /// Open a stream that has compressed nothing yet.
    ///
    /// - Throws: ``ReportError`` when there is no memory for the stream.
    init() throws(ReportError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let code = unsafe deflateInit2_(
            stream,
            Z_BEST_SPEED,
            Z_DEFLATED,
            Self.windowBitsOfGzip,
            Self.memoryLevel,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            CInt(MemoryLayout<z_stream>.size)
        )
        guard code == Z_OK else { throw ReportError(.file, "cannot begin to compress: zlib says \(code)") }
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Compress `text` and hand the output so far to `sink`.
    ///
    /// - Throws: what `sink` throws.
    func write(
        _ text: String,
        _ flush: Flush,
        to sink: (ArraySlice<UInt8>) throws -> Void
    ) throws {
        var input = Array(text.utf8)
        var taken = 0
        while true {
            let made = try compress(&input, &taken, flush)
            try sink(output[..<made])
            // A full output may hide more; what is left over, zlib keeps for the next call.
            if made < Self.outputBytes { return }
        }
    }

    /// Compress until the output is full or there is nothing left to do; return the bytes in the output.
    private func compress(_ input: inout [UInt8], _ taken: inout Int, _ flush: Flush) throws(ReportError) -> Int {
        let rest = input.count - taken
        var code = Z_OK
        unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                unsafe stream.pointee.next_in = source.baseAddress.map { unsafe $0 + taken }
                unsafe stream.pointee.avail_in = UInt32(rest)
                unsafe stream.pointee.next_out = target.baseAddress
                unsafe stream.pointee.avail_out = UInt32(target.count)
                code = unsafe deflate(stream, flush.code)
            }
        }
        // With nothing left to do, zlib says that its buffers do not allow any: that is no failure.
        guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
            throw ReportError(.file, "cannot compress: zlib says \(code)")
        }
        taken += unsafe rest - Int(stream.pointee.avail_in)
        return unsafe Self.outputBytes - Int(stream.pointee.avail_out)
    }
}
