internal import Cluster
internal import Experts
internal import Tensors

/// The rows of a dispatch inside its message. The message's bytes must stay while this value is used.
@unsafe
struct ArrivedRows {
    let layout: BatchLayout
    private let payload: UnsafeRawPointer
    private let sent: UnsafeRawPointer

    /// The rows of a dispatch whose payload begins at `payload`.
    ///
    /// - Throws: when a row reads a sent row that is not there.
    init(_ layout: BatchLayout, payload: UnsafeRawPointer) throws(ComputeError) {
        unsafe self.layout = layout
        unsafe self.payload = payload
        unsafe sent = payload + layout.rowsOffset
        for row in 0..<layout.rows {
            let index = unsafe sentRow(row)
            guard index < layout.sentRows else {
                throw ComputeError("row \(row) reads row \(index) of \(layout.sentRows) that were sent")
            }
        }
    }

    /// The address of the rows if they can be read in place: consecutive, in `dtype` and aligned for it; else nil.
    func inPlace(_ rows: Range<Int>, as dtype: DType) -> UnsafeRawPointer? {
        let layout = unsafe layout
        let first = unsafe sentRow(rows.lowerBound)
        let start = unsafe sent + first * layout.sentRowBytes
        guard dtype == layout.form.dispatch, Int(bitPattern: start) % dtype.byteCount == 0 else { return nil }
        for (offset, row) in rows.enumerated() where unsafe sentRow(row) != first + offset { return nil }
        return unsafe start
    }

    /// Copy the rows to `target`, converted to `dtype`.
    func gather(_ rows: Range<Int>, as dtype: DType, into target: UnsafeMutableRawPointer) {
        let layout = unsafe layout
        let rowBytes = layout.hidden * dtype.byteCount
        let isCopy = dtype == layout.form.dispatch
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: isCopy ? 1 : layout.hidden) { scratch in
            for (place, row) in rows.enumerated() {
                let source = unsafe sent + sentRow(row) * layout.sentRowBytes
                let into = unsafe target + place * rowBytes
                guard !isCopy else {
                    unsafe into.copyMemory(from: source, byteCount: rowBytes)
                    continue
                }
                unsafe RowEncoding.convert(
                    UnsafeRawBufferPointer(start: source, count: layout.sentRowBytes),
                    columns: layout.hidden,
                    from: layout.form.dispatch,
                    to: dtype,
                    scratch: scratch,
                    into: UnsafeMutableRawBufferPointer(start: into, count: rowBytes)
                )
            }
        }
    }

    /// Multiply outputs by their gate weights, where the dispatch carries these, and write them in the number type of
    /// the result.
    func write(
        _ outputs: UnsafeMutablePointer<Float>,
        of rows: Range<Int>,
        to target: UnsafeMutableRawPointer
    ) {
        let layout = unsafe layout
        let hidden = layout.hidden
        for (place, row) in rows.enumerated() {
            let output = unsafe outputs + place * hidden
            if layout.form.carriesWeights {
                let weight = unsafe weight(row)
                for column in 0..<hidden { unsafe output[column] *= weight }
            }
            unsafe RowEncoding.encode(
                UnsafeBufferPointer(start: output, count: hidden),
                as: layout.form.combine,
                into: UnsafeMutableRawBufferPointer(
                    start: target + place * layout.replyRowBytes,
                    count: layout.replyRowBytes
                )
            )
        }
    }

    /// Add each output, times its gate weight, to the sum for the sent row that the output was computed from.
    func addWeighted(_ outputs: UnsafeMutablePointer<Float>, of rows: Range<Int>, to sums: UnsafeMutablePointer<Float>)
    {
        let hidden = unsafe layout.hidden
        for (place, row) in rows.enumerated() {
            let weight = unsafe weight(row)
            let output = unsafe outputs + place * hidden
            let sum = unsafe sums + sentRow(row) * hidden
            for column in 0..<hidden { unsafe sum[column] += weight * output[column] }
        }
    }

    private func sentRow(_ row: Int) -> Int {
        let word = unsafe payload.loadUnaligned(fromByteOffset: layout.indexOffset + row * 4, as: UInt32.self)
        return Int(UInt32(littleEndian: word))
    }

    private func weight(_ row: Int) -> Float {
        unsafe payload.loadUnaligned(fromByteOffset: layout.weightsOffset + row * 4, as: Float.self)
    }
}
