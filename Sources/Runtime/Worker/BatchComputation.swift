internal import Cluster
internal import Experts
internal import Tensors
internal import Transport

/// Turns the payload of a dispatch into the payload of its result.
struct BatchComputation {
    let shard: ExpertShard
    let payload: ReceivedFrame
    let envelope: Envelope
    let layout: BatchLayout
    let appliesGateWeights: Bool

    /// Runs every segment through its expert; output rows stand in the order of the input rows.
    func run() throws(ComputeError) -> AlignedBuffer {
        let input = rowsInComputeType()
        let output = AlignedBuffer(byteCount: layout.rows * layout.hidden * DType.f32.byteCount)
        try runSegments(from: input, to: output)
        if appliesGateWeights { applyGateWeights(to: output) }
        return layout.dtype == .f32 ? output : encoded(output)
    }

    /// A copy of the rows on an aligned address, in the dtype of the products.
    private func rowsInComputeType() -> AlignedBuffer {
        let computeType = shard.weights.dtype
        let count = layout.rows * layout.hidden
        let rows = AlignedBuffer(byteCount: count * computeType.byteCount)
        unsafe payload.withUnsafeBytes { bytes in
            let source = unsafe UnsafeRawBufferPointer(rebasing: bytes[layout.rowsOffset...])
            unsafe rows.withUnsafeMutableBytes { target in
                if layout.dtype == computeType {
                    unsafe target.copyMemory(from: source)
                } else {
                    unsafe Self.convert(source, from: layout.dtype, into: target, as: computeType, count: count)
                }
            }
        }
        return rows
    }

    @unsafe
    private static func convert(
        _ source: UnsafeRawBufferPointer,
        from sourceType: DType,
        into target: UnsafeMutableRawBufferPointer,
        as targetType: DType,
        count: Int
    ) {
        var values = [Float](repeating: 0, count: count)
        unsafe values.withUnsafeMutableBufferPointer { unsafe RowEncoding.decode(source, from: sourceType, into: $0) }
        unsafe values.withUnsafeBufferPointer { unsafe RowEncoding.encode($0, as: targetType, into: target) }
    }

    private func runSegments(from input: AlignedBuffer, to output: AlignedBuffer) throws(ComputeError) {
        let inputRowBytes = layout.hidden * shard.weights.dtype.byteCount
        let outputRowBytes = layout.hidden * DType.f32.byteCount
        try unsafe input.withUnsafeBytes { (source) throws(ComputeError) in
            try unsafe output.withUnsafeMutableBytes { (target) throws(ComputeError) in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                var row = 0
                for segment in layout.segments {
                    let expert = shard.expert(layer: Int(envelope.layer), slot: segment.slot)
                    unsafe try expert.kernel.run(
                        expert.weights,
                        rows: segment.rows,
                        input: from + row * inputRowBytes,
                        output: to + row * outputRowBytes
                    )
                    row += segment.rows
                }
            }
        }
    }

    private func applyGateWeights(to output: AlignedBuffer) {
        unsafe payload.withUnsafeBytes { bytes in
            unsafe output.withUnsafeMutableBytes { target in
                let values = unsafe target.assumingMemoryBound(to: Float.self)
                for row in 0..<layout.rows {
                    let weight = unsafe bytes.loadUnaligned(
                        fromByteOffset: layout.weightsOffset + row * 4,
                        as: Float.self
                    )
                    for index in row * layout.hidden..<(row + 1) * layout.hidden { unsafe values[index] *= weight }
                }
            }
        }
    }

    private func encoded(_ output: AlignedBuffer) -> AlignedBuffer {
        let result = AlignedBuffer(byteCount: layout.replyByteCount)
        unsafe output.withUnsafeBytes { source in
            unsafe result.withUnsafeMutableBytes { target in
                unsafe RowEncoding.encode(source.assumingMemoryBound(to: Float.self), as: layout.dtype, into: target)
            }
        }
        return result
    }
}
