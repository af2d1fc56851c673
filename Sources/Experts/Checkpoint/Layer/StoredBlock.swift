/// What a tensor holds for one expert: one matrix, or two that share it.
struct StoredBlock {
    /// Row-major, `[out, in]` or `[in, out]` as the tensor stores it.
    let values: [Float]

    /// The part of the block that is a matrix, as `[outputs, inputs]`.
    func matrix(_ stored: StoredMatrix, outputs: Int, inputs: Int) -> [Float] {
        if stored.isTransposed { return transposed(stored.part, outputs, inputs) }
        if stored.part == .whole { return values }
        var matrix: [Float] = []
        matrix.reserveCapacity(outputs * inputs)
        for output in 0..<outputs {
            let start = stored.part.row(output, of: outputs) * inputs
            matrix += values[start..<start + inputs]
        }
        return matrix
    }

    /// Numbers of a vector that is stored like the rows of a matrix.
    func vector(_ part: StoredMatrix.Part, outputs: Int) -> [Float] {
        part == .whole ? values : (0..<outputs).map { values[part.row($0, of: outputs)] }
    }

    /// Goes through the block in strips, so that what it writes to stays in the cache.
    private func transposed(_ part: StoredMatrix.Part, _ outputs: Int, _ inputs: Int) -> [Float] {
        let stride = outputs * part.sharing
        var matrix = [Float](repeating: 0, count: outputs * inputs)
        for strip in Swift.stride(from: 0, to: outputs, by: 32) {
            let rows = strip..<min(strip + 32, outputs)
            for input in 0..<inputs {
                for output in rows {
                    matrix[output * inputs + input] = values[input * stride + part.row(output, of: outputs)]
                }
            }
        }
        return matrix
    }
}
