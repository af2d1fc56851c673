internal import Tensors

/// Root-mean-square normalisation without a gain: x / sqrt(mean(x^2) + epsilon) (Zhang and Sennrich 2019, section 4).
enum RMSNorm {
    static let epsilon: Float = 1e-6

    static func apply(_ tokens: Matrix) -> Matrix {
        var result = tokens
        let width = tokens.columns
        unsafe result.values.withUnsafeMutableBufferPointer { values in
            for start in stride(from: 0, to: values.count, by: width) {
                var squares: Float = 0
                for index in start..<start + width { unsafe squares += values[index] * values[index] }
                let factor = 1 / (squares / Float(width) + epsilon).squareRoot()
                for index in start..<start + width { unsafe values[index] *= factor }
            }
        }
        return result
    }
}
