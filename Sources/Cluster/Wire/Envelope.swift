internal import CXXHash
public import Tensors

/// The first frame of every message: a fixed-size little-endian header, each field on a multiple of its size.
///
/// Byte offsets: 0 magic, 4 version, 6 kind, 7 dtype, 8 pass, 9 a zero, 10 map, 12 epoch, 16 step, 20 layer, 24 batch, 28
/// rank, 32 chunk, 36 segments, 40 rows, 44 sent rows, 48 exchange, 52 attempt, 56 payload bytes, 64 payload checksum,
/// 72 session, 80 four stamps, 112 ``Checksum`` of the bytes before it. <doc:Protocol> says what each is for.
public struct Envelope: Equatable, Sendable {
    /// `EPSM` in memory order.
    public static let magic: UInt32 = 0x4D53_5045
    /// The protocol version; peers of another version are refused.
    public static let version: UInt16 = 6
    /// Size of the frame.
    public static let byteCount = 120

    /// The purpose of the message.
    public var kind: MessageKind
    /// The number type of the rows; F32 for messages without rows.
    public var dtype: DType
    /// The direction of the tokens of a dispatch or its result; forward for messages without rows.
    public var pass: Pass
    /// The number of the layer's map, of a dispatch or its result: how often its slots have changed, modulo 65,536.
    public var map: UInt16
    /// The run that the message belongs to. A message of another epoch is stale.
    public var epoch: UInt32
    /// The number of the step in the run, warm-up included.
    public var step: UInt32
    /// The number of the layer in the run.
    public var layer: UInt32
    /// The number of the micro-batch in the step.
    public var batch: UInt32
    /// Rank of the worker that sends or receives.
    public var rank: UInt32
    /// The index of the chunk in its exchange.
    public var chunk: UInt32
    /// Entries in the segment table of a dispatch.
    public var segments: UInt32
    /// Rows that the experts compute, of a dispatch or its result.
    public var rows: UInt32
    /// Rows that travel to the worker, of a dispatch or its result.
    public var sentRows: UInt32
    /// Running number of the exchange that the chunk belongs to, from 1; 0 of messages without rows.
    public var exchange: UInt32
    /// The number of times that the work of a dispatch was sent before; its result says the same. 0 so far: nothing is
    /// sent twice.
    public var attempt: UInt32
    /// Size of the payload frame; 0 when there is none.
    public var payloadBytes: UInt64
    /// The ``Checksum`` of the payload frame, of no bytes when there is none. The sender sets it last.
    public var payloadChecksum: UInt64
    /// Reserved for the token of a session, by which a connection that broke is taken up again. Always 0, and ignored.
    public var session: UInt64
    /// Time stamps in nanoseconds on monotonic clocks. In a result: ``WorkerStamps``. In an assignment or ping: x, the
    /// time of sending. In a ready or pong, the answers to these: the same x, then y, when the worker received the
    /// question, and z, when it answered.
    public var stamps: SIMD4<Int64>

    /// A header; fields that are not given are 0.
    public init(
        kind: MessageKind,
        dtype: DType = .f32,
        pass: Pass = .forward,
        map: UInt16 = 0,
        epoch: UInt32 = 0,
        step: UInt32 = 0,
        layer: UInt32 = 0,
        batch: UInt32 = 0,
        rank: UInt32 = 0,
        chunk: UInt32 = 0,
        segments: UInt32 = 0,
        rows: UInt32 = 0,
        sentRows: UInt32 = 0,
        exchange: UInt32 = 0,
        attempt: UInt32 = 0,
        payloadBytes: UInt64 = 0,
        payloadChecksum: UInt64 = 0,
        session: UInt64 = 0,
        stamps: SIMD4<Int64> = .zero
    ) {
        self.kind = kind
        self.dtype = dtype
        self.pass = pass
        self.map = map
        self.epoch = epoch
        self.step = step
        self.layer = layer
        self.batch = batch
        self.rank = rank
        self.chunk = chunk
        self.segments = segments
        self.rows = rows
        self.sentRows = sentRows
        self.exchange = exchange
        self.attempt = attempt
        self.payloadBytes = payloadBytes
        self.payloadChecksum = payloadChecksum
        self.session = session
        self.stamps = stamps
    }
}

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
        bytes.append(0)
        bytes.appendLittleEndian(map)
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

    /// Read a header; throw when `bytes` are not exactly one valid header.
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
        guard bytes[9] == 0 else { throw WireError("an envelope with \(bytes[9]) where a zero stands") }
        self.init(kind: kind, dtype: Self.rowTypes[Int(bytes[7])], pass: pass, fields: bytes)
    }

    private static let checksumOffset = byteCount - 8

    private static func sizeError(_ size: Int) -> WireError {
        WireError("an envelope of \(size) bytes; it has \(byteCount)")
    }

    /// The number types of rows; the code of a type in the header is its index here.
    private static let rowTypes: [DType] = [.f32, .bf16, .f8e4m3]

    private static func code(of dtype: DType) -> UInt8 {
        UInt8(rowTypes.firstIndex(of: dtype) ?? 0)
    }

    private init(kind: MessageKind, dtype: DType, pass: Pass, fields bytes: [UInt8]) {
        self.init(
            kind: kind,
            dtype: dtype,
            pass: pass,
            map: bytes.littleEndian(at: 10),
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

/// The checksum of headers and payloads: XXH3 with 64 bits and seed 0, of xxHash (https://xxhash.com, BSD 2-clause).
///
/// It finds damage, not forgery: whoever can write bytes can write a checksum that fits, and only keys keep them out.
/// Measured on one core of Zen 5 with libxxhash 0.8.1: 88 GB/s of 64 KiB from the cache and about 40 GB/s from memory.
/// The same function held to SSE2 does 20, zlib's CRC-32 7 and FNV-1a 1.
public enum Checksum {
    /// The checksum of some bytes, which may be none.
    public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        unsafe xxh3_64bits_widest(bytes.baseAddress, bytes.count)
    }

    /// The checksum of some bytes of an array.
    public static func of(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        unsafe bytes.withUnsafeBytes { unsafe of($0) }
    }
}
