import Experts
import Foundation
import MoE
import Tensors
import Testing

/// Runs rows `[rows, hidden]` through one expert on oneDNN.
func run(_ kernel: ExpertKernel, _ expert: PackedExpert, _ rows: Matrix) throws -> Matrix {
    var output = Matrix(rows: rows.rows, columns: rows.columns)
    let encoded = RowEncoding.encode(rows.values, as: kernel.dtype)
    try unsafe encoded.withUnsafeBytes { source in
        try unsafe output.values.withUnsafeMutableBytes { target in
            unsafe try kernel.run(
                expert,
                rows: rows.rows,
                input: #require(source.baseAddress),
                output: #require(target.baseAddress)
            )
        }
    }
    return output
}

/// The largest difference between two matrices, relative to the largest value of the second; NaN when one holds NaN.
func relativeError(_ found: Matrix, _ expected: Matrix) -> Float {
    guard found.rows == expected.rows, found.columns == expected.columns else { return .infinity }
    let scale = expected.values.map(abs).max() ?? 1
    let error = zip(found.values, expected.values).reduce(Float(0)) { error, pair in
        let difference = abs(pair.0 - pair.1)
        return difference.isNaN || error.isNaN ? .nan : max(error, difference)
    }
    return error / scale
}
