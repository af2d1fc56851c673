internal import MoE
public import Tensors

/// A linear map of tokens in single precision on oneDNN: x W^T + b with W `[outputs, inputs]`, as a router's gate is.
public final class Projection {
    private let product: MatrixProduct
    private let weights: PackedWeights

    /// Packs `matrix`, `[outputs, inputs]`, and `bias`, `[outputs]`, if there is one.
    public init(compute: ComputeEngine, matrix: Matrix, bias: [Float]? = nil) throws(ComputeError) {
        product = try MatrixProduct(
            compute: compute,
            inputs: matrix.columns,
            outputs: matrix.rows,
            inputType: .f32,
            hasBias: bias != nil
        )
        weights = try product.pack(matrix.values, bias: bias, in: compute.arena)
    }

    /// Maps tokens `[tokens, inputs]` to `[tokens, outputs]`.
    public func callAsFunction(_ tokens: Matrix) throws(ComputeError) -> Matrix {
        var result = Matrix(rows: tokens.rows, columns: product.outputs)
        let product = product
        let weights = weights
        try unsafe tokens.values.withUnsafeBufferPointer { (input) throws(ComputeError) in
            try unsafe result.values.withUnsafeMutableBufferPointer { (output) throws(ComputeError) in
                guard let from = input.baseAddress, let to = output.baseAddress else { return }
                let size = RowBlock.size(for: tokens.rows)
                for first in stride(from: 0, to: tokens.rows, by: size) {
                    unsafe try product.run(
                        rows: min(size, tokens.rows - first),
                        input: from + first * product.inputs,
                        weights: weights,
                        output: to + first * product.outputs
                    )
                }
            }
        }
        return result
    }
}
