public import Tensors

/// How the payload of a dispatch is laid out.
///
/// First the segment table: for each segment, two little-endian 32-bit words, the slot (an index into the worker's
/// experts of the layer) and its number of rows. Then, when the worker applies the gate weights, one single per row.
/// Then zeros up to a multiple of 64 bytes, and then the rows, segment after segment.
public struct BatchLayout: Equatable, Sendable {
    /// Consecutive rows for one expert.
    public struct Segment: Equatable, Sendable {
        /// Index into the worker's experts of the layer.
        public var slot: Int
        /// Rows for it.
        public var rows: Int

        /// `rows` rows for `slot`.
        public init(slot: Int, rows: Int) {
            self.slot = slot
            self.rows = rows
        }
    }

    /// Segments, in the order of their rows.
    public let segments: [Segment]
    /// Values per row.
    public let hidden: Int
    /// Dtype of the rows.
    public let dtype: DType
    /// Whether gate weights travel along.
    public let carriesWeights: Bool

    /// A layout over given segments.
    public init(segments: [Segment], hidden: Int, dtype: DType, carriesWeights: Bool) {
        self.segments = segments
        self.hidden = hidden
        self.dtype = dtype
        self.carriesWeights = carriesWeights
    }

    /// Rows of all segments.
    public var rows: Int { segments.reduce(0) { $0 + $1.rows } }
    /// Bytes of one row.
    public var rowBytes: Int { hidden * dtype.byteCount }
    /// Where the gate weights begin, when there are any.
    public var weightsOffset: Int { segments.count * 8 }
    /// Where the rows begin.
    public var rowsOffset: Int {
        let end = weightsOffset + (carriesWeights ? rows * 4 : 0)
        return (end + AlignedBuffer.alignment - 1) / AlignedBuffer.alignment * AlignedBuffer.alignment
    }
    /// Size of the payload.
    public var byteCount: Int { rowsOffset + rows * rowBytes }
    /// Size of the reply: the output rows.
    public var replyByteCount: Int { rows * rowBytes }

    /// The segment table as bytes.
    public func encodedTable() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(segments.count * 8)
        for segment in segments {
            bytes.appendLittleEndian(UInt32(segment.slot))
            bytes.appendLittleEndian(UInt32(segment.rows))
        }
        return bytes
    }
}
