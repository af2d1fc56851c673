internal import Tensors

/// Reads tensors of a checkpoint as singles, checks their shapes, and lets go of the mapped memory afterwards.
struct TensorReader {
    let checkpoint: Checkpoint

    /// A small tensor of one of the given shapes, which say the same.
    func values(_ name: String, shapes: [[Int]]) throws(CheckpointError) -> [Float] {
        let view = try checkpoint.tensor(named: name)
        guard shapes.contains(view.shape) else {
            throw failure(view, "has shape \(view.shape); expected \(shapes.map { "\($0)" }.joined(separator: " or "))")
        }
        return try floats(view, rows: 0..<view.rows)
    }

    /// One row of a tensor of the given shape.
    func row(_ index: Int, of name: String, shape: [Int]) throws(CheckpointError) -> [Float] {
        let view = try checkpoint.tensor(named: name)
        try check(view, shape)
        return try floats(view, rows: index..<index + 1)
    }

    /// Rows as singles.
    func floats(_ view: TensorView, rows: Range<Int>) throws(CheckpointError) -> [Float] {
        try reading { () throws(TensorFileError) in
            let values = try view.floats(rows: rows)
            try view.releaseMemory(rows: rows)
            return values
        }
    }

    /// Rows as bytes.
    func bytes(_ view: TensorView, rows: Range<Int>) throws(CheckpointError) -> [UInt8] {
        guard view.dtype == .u8 else { throw failure(view, "is \(view.dtype.rawValue); MXFP4 stands in U8") }
        return try reading { () throws(TensorFileError) in
            let bytes = try view.bytes(rows: rows)
            try view.releaseMemory(rows: rows)
            return bytes
        }
    }

    /// Throws unless a tensor has the shape that it should have.
    func check(_ view: TensorView, _ shape: [Int]) throws(CheckpointError) {
        guard view.shape == shape else { throw failure(view, "has shape \(view.shape); expected \(shape)") }
    }

    /// Throws unless a tensor holds numbers that can be weights.
    func checkType(_ view: TensorView) throws(CheckpointError) {
        guard view.dtype.isFloatingPoint else {
            throw failure(view, "is \(view.dtype.rawValue); weights are F64, F32, F16, BF16 or F8_E4M3")
        }
    }

    /// An error about a tensor.
    func failure(_ view: TensorView, _ message: String) -> CheckpointError {
        CheckpointError(path: view.path, tensor: view.name, message: message)
    }

    private func reading<Value>(_ body: () throws(TensorFileError) -> Value) throws(CheckpointError) -> Value {
        do {
            return try body()
        } catch {
            throw CheckpointError(error)
        }
    }
}
