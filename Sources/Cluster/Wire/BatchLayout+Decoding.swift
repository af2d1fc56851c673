extension BatchLayout {
    /// Reads the layout of a received dispatch and checks it against what the worker holds.
    ///
    /// - Parameters:
    ///   - envelope: header of the dispatch.
    ///   - table: the first `segments * 8` bytes of the payload, or fewer if it is shorter.
    ///   - slots: experts that the worker holds in the layer.
    ///   - hidden: values per row.
    ///   - form: how rows travel in this run.
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
