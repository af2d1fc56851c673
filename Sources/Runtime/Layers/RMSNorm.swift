internal import Tensors

/// Root-mean-square normalisation: g x / sqrt(mean(x^2) + epsilon) (Zhang and Sennrich 2019, section 4).
enum RMSNorm {
    static let epsilon: Float = 1e-6

    /// - Parameter gain: g, `[hidden]`, or nil for 1 throughout.
    static func apply(_ tokens: Matrix, gain: [Float]? = nil) -> Matrix {
        var result = tokens
        let width = tokens.columns
        unsafe result.values.withUnsafeMutableBufferPointer { values in
            for start in stride(from: 0, to: values.count, by: width) {
                var squares: Float = 0
                for index in start..<start + width { unsafe squares += values[index] * values[index] }
                let factor = 1 / (squares / Float(width) + epsilon).squareRoot()
                for index in start..<start + width { unsafe values[index] *= factor }
                guard let gain else { continue }
                for index in 0..<width { unsafe values[start + index] *= gain[index] }
            }
        }
        return result
    }
}
