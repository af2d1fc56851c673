public import Tensors

/// The encoder of dispatch payloads: it copies rows from the layer's input straight into the buffer that is sent.
public struct DispatchEncoder: Sendable {
    private let hidden: Int
    private let form: RowForm

    /// An encoder for the chunks of one run.
    ///
    /// - Parameter hidden: values per row.
    public init(hidden: Int, form: RowForm) {
        self.hidden = hidden
        self.form = form
    }

    /// The layout of a rank's payload.
    public func layout(of chunk: RankChunk) -> BatchLayout {
        BatchLayout(segments: chunk.segments, sentRows: chunk.inputRows.count, hidden: hidden, form: form)
    }

    /// The payload and the work of each rank of a chunk, in the order of its ranks.
    ///
    /// - Parameter input: the rows that experts read, `[rows, hidden]`.
    public func encode(_ chunk: DispatchChunk, input: Matrix) -> (payloads: [AlignedBuffer], works: [ChunkWork]) {
        let layouts = chunk.ranks.map { layout(of: $0) }
        return (
            zip(chunk.ranks, layouts).map { encode($0, $1, input: input) },
            zip(chunk.ranks, layouts).map { ChunkWork(rank: $0.rank, layout: $1) }
        )
    }

    /// The payload of one rank.
    ///
    /// - Parameter input: the rows that experts read, `[rows, hidden]`.
    public func encode(_ chunk: RankChunk, _ layout: BatchLayout, input: Matrix) -> AlignedBuffer {
        let buffer = unsafe AlignedBuffer(uninitializedByteCount: layout.byteCount)
        unsafe buffer.withUnsafeMutableBytes { target in
            unsafe target.copyBytes(from: layout.encodedTable())
            if form.carriesWeights {
                unsafe chunk.weights.withUnsafeBytes { unsafe Self.write($0, into: target, at: layout.weightsOffset) }
            }
            // The words of the index are little-endian, as this machine's are: epsim runs on x86-64 and 64-bit ARM.
            unsafe chunk.sentRow.withUnsafeBytes { unsafe Self.write($0, into: target, at: layout.indexOffset) }
            let end = layout.indexOffset + chunk.sentRow.count * 4
            unsafe UnsafeMutableRawBufferPointer(rebasing: target[end..<layout.rowsOffset])
                .initializeMemory(as: UInt8.self, repeating: 0)
            unsafe gather(
                chunk,
                from: input,
                into: UnsafeMutableRawBufferPointer(rebasing: target[layout.rowsOffset...]),
                rowBytes: layout.sentRowBytes
            )
        }
        return buffer
    }

    @unsafe
    private static func write(
        _ source: UnsafeRawBufferPointer,
        into target: UnsafeMutableRawBufferPointer,
        at offset: Int
    ) {
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: source)
    }

    @unsafe
    private func gather(
        _ chunk: RankChunk,
        from input: Matrix,
        into target: UnsafeMutableRawBufferPointer,
        rowBytes: Int
    ) {
        var scaled = [Float](repeating: 0, count: chunk.inputWeights == nil ? 0 : hidden)
        unsafe input.values.withUnsafeBufferPointer { values in
            for (index, row) in chunk.inputRows.enumerated() {
                let source = unsafe UnsafeBufferPointer(rebasing: values[input.indices(ofRow: Int(row))])
                let place = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: target[index * rowBytes..<(index + 1) * rowBytes]
                )
                guard let weights = chunk.inputWeights else {
                    unsafe RowEncoding.encode(source, columns: hidden, as: form.dispatch, into: place)
                    continue
                }
                for column in 0..<hidden { unsafe scaled[column] = weights[index] * source[column] }
                unsafe scaled.withUnsafeBufferPointer {
                    unsafe RowEncoding.encode($0, columns: hidden, as: form.dispatch, into: place)
                }
            }
        }
    }
}
