public import Tensors

/// The first frame of every message: a fixed-size little-endian header.
///
/// Byte offsets: 0 magic, 4 version, 6 kind, 7 dtype, 8 epoch, 12 step, 16 layer, 20 batch, 24 rank, 28 chunk,
/// 32 segments, 36 rows, 40 sent rows, 44 exchange, 48 payload bytes, 56 four stamps, 88 ``Checksum`` of the bytes before it.
public struct Envelope: Equatable, Sendable {
    /// `EPSM` in memory order.
    public static let magic: UInt32 = 0x4D53_5045
    /// The protocol version; peers of another version are refused.
    public static let version: UInt16 = 5
    /// Size of the frame.
    public static let byteCount = 96

    /// What the message is for.
    public var kind: MessageKind
    /// Dtype of the rows; F32 for messages without rows.
    public var dtype: DType
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
    /// Size of the payload frame; 0 when there is none.
    public var payloadBytes: UInt64
    /// Monotonic nanoseconds. Of a result: ``WorkerStamps``. Of an assignment or ping: x when it was sent. Of their
    /// answers, ready and pong: x the same again, y when the worker received it, z when it answered.
    public var stamps: SIMD4<Int64>

    /// A header; whatever is not given is 0.
    public init(
        kind: MessageKind,
        dtype: DType = .f32,
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
        payloadBytes: UInt64 = 0,
        stamps: SIMD4<Int64> = .zero
    ) {
        self.kind = kind
        self.dtype = dtype
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
        self.payloadBytes = payloadBytes
        self.stamps = stamps
    }
}
