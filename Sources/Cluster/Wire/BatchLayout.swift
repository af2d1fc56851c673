public import Tensors

/// The layout of a dispatch's payload.
///
/// First the segment table: for each segment, two little-endian 32-bit words, the slot (an index into the worker's
/// experts of the layer) and its number of rows. Then, when the worker applies the gate weights, one single per row.
/// Then for each row the sent row that it reads, a little-endian 32-bit word: a token that several experts of the
/// worker want travels once. Then zeros up to a multiple of 64 bytes, and then the sent rows.
public struct BatchLayout: Equatable, Sendable {
    /// Consecutive rows for one expert.
    public struct Segment: Equatable, Sendable {
        /// Index into the worker's experts of the layer.
        public var slot: Int
        /// The number of rows for the slot.
        public var rows: Int

        /// A segment of `rows` rows for the expert in `slot`.
        public init(slot: Int, rows: Int) {
            self.slot = slot
            self.rows = rows
        }
    }

    /// Segments, in the order of their rows.
    public let segments: [Segment]
    /// Rows of all segments, which the experts compute.
    public let rows: Int
    /// Rows that travel to the worker.
    public let sentRows: Int
    /// Values per row.
    public let hidden: Int
    /// The form of the rows: dtypes, gate weights and sums on the worker.
    public let form: RowForm

    /// A layout over given segments.
    public init(segments: [Segment], sentRows: Int, hidden: Int, form: RowForm) {
        self.segments = segments
        rows = segments.reduce(0) { $0 + $1.rows }
        self.sentRows = sentRows
        self.hidden = hidden
        self.form = form
    }

    /// Bytes of one sent row.
    public var sentRowBytes: Int { RowEncoding.byteCount(columns: hidden, as: form.dispatch) }
    /// Bytes of one output row.
    public var replyRowBytes: Int { RowEncoding.byteCount(columns: hidden, as: form.combine) }
    /// The byte offset of the gate weights, when there are any.
    public var weightsOffset: Int { segments.count * 8 }
    /// The byte offset of the index: for each row, the sent row that it reads.
    public var indexOffset: Int { weightsOffset + (form.carriesWeights ? rows * 4 : 0) }
    /// The byte offset of the sent rows.
    public var rowsOffset: Int {
        let end = indexOffset + rows * 4
        return (end + AlignedBuffer.alignment - 1) / AlignedBuffer.alignment * AlignedBuffer.alignment
    }
    /// Bytes of the payload.
    public var byteCount: Int { rowsOffset + sentRows * sentRowBytes }
    /// Output rows that come back.
    public var replyRows: Int { form.presums ? sentRows : rows }
    /// Bytes of the reply: the output rows.
    public var replyByteCount: Int { replyRows * replyRowBytes }

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

extension BatchLayout {
    /// Read the layout of a received dispatch and check it against the slots that the worker holds.
    ///
    /// - Parameters:
    ///   - envelope: header of the dispatch.
    ///   - table: the first `segments * 8` bytes of the payload, or fewer if it is shorter.
    ///   - slots: experts that the worker holds in the layer.
    ///   - hidden: values per row.
    ///   - form: the form of token rows in this run.
    public init(
        envelope: Envelope,
        table: [UInt8],
        slots: Int,
        hidden: Int,
        form: RowForm
    ) throws(WireError) {
        let count = Int(envelope.segments)
        guard count > 0, count <= slots else {
            throw WireError("\(count) segments for a worker that holds \(slots) experts in layer \(envelope.layer)")
        }
        guard table.count == count * 8 else {
            throw WireError("a segment table of \(table.count) bytes for \(count) segments")
        }
        var segments: [Segment] = []
        segments.reserveCapacity(count)
        for index in 0..<count {
            let slot: UInt32 = table.littleEndian(at: index * 8)
            let rows: UInt32 = table.littleEndian(at: index * 8 + 4)
            guard slot < UInt32(slots), rows > 0 else {
                throw WireError("a segment of \(rows) rows for slot \(slot); the worker holds \(slots) experts")
            }
            segments.append(Segment(slot: Int(slot), rows: Int(rows)))
        }
        self.init(segments: segments, sentRows: Int(envelope.sentRows), hidden: hidden, form: form)
        guard rows == Int(envelope.rows) else {
            throw WireError("segments of \(rows) rows in a dispatch of \(envelope.rows)")
        }
        guard sentRows > 0, sentRows <= rows else {
            throw WireError("\(sentRows) sent rows for \(rows) rows of experts")
        }
        guard UInt64(byteCount) == envelope.payloadBytes else {
            throw WireError("a dispatch of \(envelope.payloadBytes) bytes where its rows take \(byteCount)")
        }
        // An expert reads a row once: so outputs are bounded by what was sent.
        if let long = segments.first(where: { $0.rows > sentRows }) {
            throw WireError("a segment of \(long.rows) rows where \(sentRows) were sent")
        }
    }
}

/// The form of token rows on the wire, agreed upon when a worker is assigned its experts.
public struct RowForm: Codable, Equatable, Sendable {
    /// Dtype of the rows to the experts: F32, BF16 or F8_E4M3 (with a scale for each 128 values).
    public var dispatch: DType
    /// Dtype of the outputs on their way back: F32 or BF16.
    public var combine: DType
    /// Whether gate weights travel along, and the worker multiplies outputs by them.
    public var carriesWeights: Bool
    /// Whether the worker sums all outputs of a sent row, so that one output row comes back for each row that was sent.
    public var presums: Bool

    /// A form; `presums` needs `carriesWeights`.
    public init(dispatch: DType, combine: DType, carriesWeights: Bool = false, presums: Bool = false) {
        self.dispatch = dispatch
        self.combine = combine
        self.carriesWeights = carriesWeights
        self.presums = presums
    }
}
