internal import Tensors

extension Envelope {
    /// The header as ``byteCount`` bytes.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        bytes.appendLittleEndian(Self.magic)
        bytes.appendLittleEndian(Self.version)
        bytes.append(kind.rawValue)
        bytes.append(dtype == .bf16 ? 1 : 0)
        for word in [epoch, step, layer, rank, chunk, attempt, segments, rows] { bytes.appendLittleEndian(word) }
        bytes.appendLittleEndian(payloadBytes)
        for lane in 0..<4 { bytes.appendLittleEndian(UInt64(bitPattern: stamps[lane])) }
        bytes.appendLittleEndian(Self.checksum(bytes[...]))
        return bytes
    }

    /// Reads a header, and refuses anything that is not exactly one.
    public init(decoding bytes: [UInt8]) throws(WireError) {
        guard bytes.count == Self.byteCount else {
            throw WireError("an envelope of \(bytes.count) bytes; it has \(Self.byteCount)")
        }
        let magic: UInt32 = bytes.littleEndian(at: 0)
        guard magic == Self.magic else { throw WireError("not an epsim message: it starts with \(Array(bytes[..<4]))") }
        let version: UInt16 = bytes.littleEndian(at: 4)
        guard version == Self.version else {
            throw WireError("protocol version \(version); this epsim speaks version \(Self.version)")
        }
        guard bytes.littleEndian(at: 80) == Self.checksum(bytes[..<80]) else {
            throw WireError("an envelope whose checksum is wrong")
        }
        guard let kind = MessageKind(rawValue: bytes[6]) else { throw WireError("message kind \(bytes[6])") }
        guard bytes[7] <= 1 else { throw WireError("dtype code \(bytes[7]); 0 is F32, 1 is BF16") }
        self.init(kind: kind, dtype: bytes[7] == 1 ? .bf16 : .f32, fields: bytes)
    }

    private init(kind: MessageKind, dtype: DType, fields bytes: [UInt8]) {
        self.init(
            kind: kind,
            dtype: dtype,
            epoch: bytes.littleEndian(at: 8),
            step: bytes.littleEndian(at: 12),
            layer: bytes.littleEndian(at: 16),
            rank: bytes.littleEndian(at: 20),
            chunk: bytes.littleEndian(at: 24),
            attempt: bytes.littleEndian(at: 28),
            segments: bytes.littleEndian(at: 32),
            rows: bytes.littleEndian(at: 36),
            payloadBytes: bytes.littleEndian(at: 40),
            stamps: SIMD4(
                bytes.littleEndian(at: 48),
                bytes.littleEndian(at: 56),
                bytes.littleEndian(at: 64),
                bytes.littleEndian(at: 72)
            )
        )
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
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
