public import Tensors

/// The first frame of every message: a fixed-size little-endian header, each field on a multiple of its size.
///
/// Byte offsets: 0 magic, 4 version, 6 kind, 7 dtype, 8 pass, 9 three zeros, 12 epoch, 16 step, 20 layer, 24 batch, 28 rank,
/// 32 chunk, 36 segments, 40 rows, 44 sent rows, 48 exchange, 52 attempt, 56 payload bytes, 64 payload checksum, 72 session,
/// 80 four stamps, 112 ``Checksum`` of the bytes before it. <doc:Protocol> says what each is for.
public struct Envelope: Equatable, Sendable {
    /// `EPSM` in memory order.
    public static let magic: UInt32 = 0x4D53_5045
    /// The protocol version; peers of another version are refused.
    public static let version: UInt16 = 5
    /// Size of the frame.
    public static let byteCount = 120

    /// What the message is for.
    public var kind: MessageKind
    /// Dtype of the rows; F32 for messages without rows.
    public var dtype: DType
    /// Which way the tokens of a dispatch or its result go; forward for messages without rows.
    public var pass: Pass
    /// Which run this belongs to. A message of another epoch is stale.
    public var epoch: UInt32
    /// Step of the run, warm-up included.
    public var step: UInt32
    /// Layer of the step.
    public var layer: UInt32
    /// Micro-batch of the step.
    public var batch: UInt32
    /// Rank of the worker that sends or receives.
    public var rank: UInt32
    /// Index of the chunk among those of its exchange.
    public var chunk: UInt32
    /// Entries in the segment table of a dispatch.
    public var segments: UInt32
    /// Rows that the experts compute, of a dispatch or its result.
    public var rows: UInt32
    /// Rows that travel to the worker, of a dispatch or its result.
    public var sentRows: UInt32
    /// Running number of the exchange that the chunk belongs to, from 1; 0 of messages without rows.
    public var exchange: UInt32
    /// How often the work of a dispatch was sent before; its result says the same. 0 so far: nothing is sent twice.
    public var attempt: UInt32
    /// Size of the payload frame; 0 when there is none.
    public var payloadBytes: UInt64
    /// ``Checksum`` of the payload frame, of no bytes when there is none. Whoever sends the message sets it last.
    public var payloadChecksum: UInt64
    /// Reserved for the token of a session, by which a connection that broke is taken up again. 0, and nobody reads it.
    public var session: UInt64
    /// Monotonic nanoseconds. Of a result: ``WorkerStamps``. Of an assignment or ping: x when it was sent. Of their
    /// answers, ready and pong: x the same again, y when the worker received it, z when it answered.
    public var stamps: SIMD4<Int64>

    /// A header; whatever is not given is 0.
    public init(
        kind: MessageKind,
        dtype: DType = .f32,
        pass: Pass = .forward,
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
