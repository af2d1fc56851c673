internal import Tensors

extension Envelope {
    /// The header as ``byteCount`` bytes.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        bytes.appendLittleEndian(Self.magic)
        bytes.appendLittleEndian(Self.version)
        bytes.append(kind.rawValue)
        bytes.append(Self.code(of: dtype))
        bytes.append(pass.rawValue)
        bytes += Self.padding
        for word in [epoch, step, layer, batch, rank, chunk, segments, rows, sentRows, exchange, attempt] {
            bytes.appendLittleEndian(word)
        }
        bytes.appendLittleEndian(payloadBytes)
        bytes.appendLittleEndian(payloadChecksum)
        bytes.appendLittleEndian(session)
        for lane in 0..<4 { bytes.appendLittleEndian(UInt64(bitPattern: stamps[lane])) }
        bytes.appendLittleEndian(Checksum.of(bytes[...]))
        return bytes
    }

    /// Reads a header, and refuses anything that is not exactly one.
    ///
    /// Magic and version come first: another version may have another size and another checksum, and is to be named.
    public init(decoding bytes: [UInt8]) throws(WireError) {
        guard bytes.count >= 6 else { throw Self.sizeError(bytes.count) }
        let magic: UInt32 = bytes.littleEndian(at: 0)
        guard magic == Self.magic else { throw WireError("not an epsim message: it starts with \(Array(bytes[..<4]))") }
        let version: UInt16 = bytes.littleEndian(at: 4)
        guard version == Self.version else {
            throw WireError("protocol version \(version); this epsim speaks version \(Self.version)")
        }
        guard bytes.count == Self.byteCount else { throw Self.sizeError(bytes.count) }
        guard bytes.littleEndian(at: Self.checksumOffset) == Checksum.of(bytes[..<Self.checksumOffset]) else {
            throw WireError("an envelope whose checksum is wrong")
        }
        guard let kind = MessageKind(rawValue: bytes[6]) else { throw WireError("message kind \(bytes[6])") }
        guard Int(bytes[7]) < Self.rowTypes.count else {
            throw WireError("dtype code \(bytes[7]); 0 is F32, 1 is BF16, 2 is F8_E4M3")
        }
        guard let pass = Pass(rawValue: bytes[8]) else {
            throw WireError("pass code \(bytes[8]); 0 is forward, 1 is backward")
        }
        guard bytes[9..<12].elementsEqual(Self.padding) else {
            throw WireError("an envelope with \(Array(bytes[9..<12])) where zeros stand")
        }
        self.init(kind: kind, dtype: Self.rowTypes[Int(bytes[7])], pass: pass, fields: bytes)
    }

    private static let checksumOffset = byteCount - 8
    /// Behind the pass, up to the next multiple of four.
    private static let padding: [UInt8] = [0, 0, 0]

    private static func sizeError(_ size: Int) -> WireError {
        WireError("an envelope of \(size) bytes; it has \(byteCount)")
    }

    /// Dtypes of rows, by their code.
    private static let rowTypes: [DType] = [.f32, .bf16, .f8e4m3]

    private static func code(of dtype: DType) -> UInt8 {
        UInt8(rowTypes.firstIndex(of: dtype) ?? 0)
    }

    private init(kind: MessageKind, dtype: DType, pass: Pass, fields bytes: [UInt8]) {
        self.init(
            kind: kind,
            dtype: dtype,
            pass: pass,
            epoch: bytes.littleEndian(at: 12),
            step: bytes.littleEndian(at: 16),
            layer: bytes.littleEndian(at: 20),
            batch: bytes.littleEndian(at: 24),
            rank: bytes.littleEndian(at: 28),
            chunk: bytes.littleEndian(at: 32),
            segments: bytes.littleEndian(at: 36),
            rows: bytes.littleEndian(at: 40),
            sentRows: bytes.littleEndian(at: 44),
            exchange: bytes.littleEndian(at: 48),
            attempt: bytes.littleEndian(at: 52),
            payloadBytes: bytes.littleEndian(at: 56),
            payloadChecksum: bytes.littleEndian(at: 64),
            session: bytes.littleEndian(at: 72),
            stamps: SIMD4(
                bytes.littleEndian(at: 80),
                bytes.littleEndian(at: 88),
                bytes.littleEndian(at: 96),
                bytes.littleEndian(at: 104)
            )
        )
    }
}

extension [UInt8] {
    mutating func appendLittleEndian<Word: FixedWidthInteger>(_ word: Word) {
        for shift in stride(from: 0, to: Word.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: word >> Word(shift)))
        }
    }

    func littleEndian<Word: FixedWidthInteger>(at offset: Int) -> Word {
        (0..<Word.bitWidth / 8).reduce(0) { $0 | Word(truncatingIfNeeded: self[offset + $1]) << Word($1 * 8) }
    }
}
