internal import Cluster
internal import Experts
internal import Tensors

extension ExpertShard {
    /// Runs consecutive rows of a matrix through one expert.
    ///
    /// - Parameters:
    ///   - layer: the layer of the run.
    ///   - slot: the expert's place in it.
    ///   - rows: `[rows, hidden]`.
    ///   - first: the first of the rows that are taken.
    ///   - count: how many are taken.
    /// - Returns: `[count, hidden]`.
    func outputs(
        layer: Int,
        slot: Int,
        rows: Matrix,
        from first: Int,
        count: Int
    ) throws(ComputeError) -> Matrix {
        guard case .products(let kernel, let packed) = expert(layer: layer, slot: slot) else {
            return rows.slice(rows: first..<first + count)
        }
        let input = AlignedBuffer(byteCount: count * rows.columns * weights.dtype.byteCount)
        let start = first * rows.columns
        unsafe rows.values.withUnsafeBufferPointer { values in
            unsafe input.withUnsafeMutableBytes { target in
                let taken = unsafe UnsafeBufferPointer(rebasing: values[start..<start + count * rows.columns])
                unsafe RowEncoding.encode(taken, as: weights.dtype, into: target)
            }
        }
        var output = Matrix(rows: count, columns: rows.columns)
        try unsafe input.withUnsafeBytes { (source) throws(ComputeError) in
            try unsafe output.values.withUnsafeMutableBufferPointer { (target) throws(ComputeError) in
                guard let from = source.baseAddress, let to = target.baseAddress, count > 0 else { return }
                unsafe try kernel.run(packed, rows: count, input: from, output: to)
            }
        }
        return output
    }
}
