public import Tensors

/// The first frame of every message: a fixed-size little-endian header.
///
/// Byte offsets: 0 magic, 4 version, 6 kind, 7 dtype, 8 epoch, 12 step, 16 layer, 20 rank, 24 chunk, 28 attempt,
/// 32 segments, 36 rows, 40 payload bytes, 48 four stamps, 80 checksum (64-bit FNV-1a of the bytes before it).
public struct Envelope: Equatable, Sendable {
    /// `EPSM` in memory order.
    public static let magic: UInt32 = 0x4D53_5045
    /// The protocol version; peers of another version are refused.
    public static let version: UInt16 = 1
    /// Size of the frame.
    public static let byteCount = 88

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
    /// Rank of the worker that sends or receives.
    public var rank: UInt32
    /// Index of the chunk among those of its (step, layer, rank).
    public var chunk: UInt32
    /// How often this chunk was sent before.
    public var attempt: UInt32
    /// Entries in the segment table of a dispatch.
    public var segments: UInt32
    /// Token rows of a dispatch or result.
    public var rows: UInt32
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
        rank: UInt32 = 0,
        chunk: UInt32 = 0,
        attempt: UInt32 = 0,
        segments: UInt32 = 0,
        rows: UInt32 = 0,
        payloadBytes: UInt64 = 0,
        stamps: SIMD4<Int64> = .zero
    ) {
        self.kind = kind
        self.dtype = dtype
        self.epoch = epoch
        self.step = step
        self.layer = layer
        self.rank = rank
        self.chunk = chunk
        self.attempt = attempt
        self.segments = segments
        self.rows = rows
        self.payloadBytes = payloadBytes
        self.stamps = stamps
    }
}
