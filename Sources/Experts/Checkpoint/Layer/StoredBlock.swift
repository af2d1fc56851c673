/// The block of a tensor that belongs to one expert: one matrix, or two that share the block.
struct StoredBlock {
    /// The values, row-major, `[out, in]` or `[in, out]` as the tensor stores them.
    let values: [Float]

    /// One matrix of the block, as `[outputs, inputs]`.
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

    /// The bias vector in the block, whose numbers are stored like the rows of a matrix.
    func vector(_ part: StoredMatrix.Part, outputs: Int) -> [Float] {
        part == .whole ? values : (0..<outputs).map { values[part.row($0, of: outputs)] }
    }

    /// The matrix of a block stored `[in, out]`, read in tiles, so that the values read and written stay in the cache.
    private func transposed(_ part: StoredMatrix.Part, _ outputs: Int, _ inputs: Int) -> [Float] {
        let stride = outputs * part.sharing
        let first = part.row(0, of: outputs)
        let step = part.row(1, of: outputs) - first
        precondition(values.count == stride * inputs, "a block of \(values.count) values")
        return unsafe [Float](unsafeUninitializedCapacity: outputs * inputs) { matrix, filled in
            unsafe values.withUnsafeBufferPointer { values in
                for outputTile in Self.tiles(outputs) {
                    for inputTile in Self.tiles(inputs) {
                        for output in outputTile {
                            for input in inputTile {
                                let place = input * stride + first + step * output
                                unsafe matrix[output * inputs + input] = values[place]
                            }
                        }
                    }
                }
            }
            filled = outputs * inputs
        }
    }

    private static func tiles(_ count: Int) -> [Range<Int>] {
        Swift.stride(from: 0, to: count, by: 32).map { $0..<min($0 + 32, count) }
    }
}
