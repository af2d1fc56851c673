internal import Cluster
internal import MoE
internal import Tensors

/// Cuts the batches of a layer into chunks and writes their payloads.
struct DispatchEncoder {
    let hidden: Int
    let payload: DType
    let carriesWeights: Bool
    let creditBytes: Int

    /// All chunks of a layer, ranks in turn so that none has to wait for another's last chunk.
    ///
    /// - Parameter input: the rows that experts read, `[rows, hidden]`.
    func encode(_ batches: LayerBatches, input: Matrix) -> [OutgoingBatch] {
        let perRank = batches.ranks.map { batch in
            ChunkCut.cut(batch, limit: rowLimit(batch), block: RowBlock.size).enumerated().map { number, cut in
                encode(cut, number: number, of: batch, input: input)
            }
        }
        let longest = perRank.map(\.count).max() ?? 0
        return (0..<longest).flatMap { number in perRank.compactMap { $0.dropFirst(number).first } }
    }

    /// Rows of a chunk: two of them fit in the credit, so that one can travel while the other is computed. A block is
    /// never cut, whatever the credit.
    private func rowLimit(_ batch: RankBatch) -> Int {
        let tableBytes = batch.segments.count * 8 + AlignedBuffer.alignment
        let rowBytes = 2 * hidden * payload.byteCount + (carriesWeights ? 4 : 0)
        return max(RowBlock.size, (creditBytes / 2 - tableBytes) / rowBytes)
    }

    private func encode(_ cut: ChunkCut, number: Int, of batch: RankBatch, input: Matrix) -> OutgoingBatch {
        let layout = BatchLayout(
            segments: cut.segments,
            hidden: hidden,
            dtype: payload,
            carriesWeights: carriesWeights
        )
        let buffer = AlignedBuffer(byteCount: layout.byteCount)
        unsafe buffer.withUnsafeMutableBytes { target in
            unsafe target.copyBytes(from: layout.encodedTable())
            if carriesWeights { unsafe write(batch.weights[cut.rows], into: target, at: layout.weightsOffset) }
            unsafe gather(cut.rows, of: batch, from: input, into: target, at: layout.rowsOffset)
        }
        let work = ChunkWork(
            rank: batch.rank,
            chunk: number,
            rows: layout.rows,
            segments: layout.segments.count,
            dispatchBytes: layout.byteCount,
            replyBytes: layout.replyByteCount
        )
        return OutgoingBatch(work: work, rows: cut.rows, payload: buffer)
    }

    @unsafe
    private func write(_ weights: ArraySlice<Float>, into target: UnsafeMutableRawBufferPointer, at offset: Int) {
        unsafe weights.withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: source)
        }
    }

    @unsafe
    private func gather(
        _ rows: Range<Int>,
        of batch: RankBatch,
        from input: Matrix,
        into target: UnsafeMutableRawBufferPointer,
        at offset: Int
    ) {
        let rowBytes = hidden * payload.byteCount
        var scaled: [Float] = []
        unsafe input.values.withUnsafeBufferPointer { values in
            for (index, row) in rows.enumerated() {
                let start = offset + index * rowBytes
                let source = unsafe values[input.indices(ofRow: Int(batch.inputRows[row]))]
                let place = unsafe UnsafeMutableRawBufferPointer(rebasing: target[start..<start + rowBytes])
                if let weights = batch.inputWeights {
                    scaled = unsafe source.map { weights[row] * $0 }
                    unsafe scaled.withUnsafeBufferPointer { unsafe RowEncoding.encode($0, as: payload, into: place) }
                } else {
                    unsafe RowEncoding.encode(UnsafeBufferPointer(rebasing: source), as: payload, into: place)
                }
            }
        }
    }
}
