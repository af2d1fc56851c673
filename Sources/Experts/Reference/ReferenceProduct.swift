/// Matrix times vector by a plain loop.
public enum ReferenceProduct {
    /// matrix `[outputs, inputs]` times vector `[inputs]`: each sum runs over 16 partial sums, which lets the compiler
    /// use vector registers.
    public static func product(_ matrix: [Float], _ vector: [Float]) -> [Float] {
        let inputs = vector.count
        let whole = inputs - inputs % 16
        return (0..<matrix.count / inputs).map { row in
            let start = row * inputs
            var partial = SIMD16<Float>(repeating: 0)
            for column in stride(from: 0, to: whole, by: 16) {
                partial += lanes(matrix, start + column) * lanes(vector, column)
            }
            var sum = partial.sum()
            for column in whole..<inputs { sum += matrix[start + column] * vector[column] }
            return sum
        }
    }

    private static func lanes(_ values: [Float], _ start: Int) -> SIMD16<Float> {
        unsafe values.withUnsafeBytes {
            unsafe $0.loadUnaligned(fromByteOffset: start * MemoryLayout<Float>.stride, as: SIMD16<Float>.self)
        }
    }
}
