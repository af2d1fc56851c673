internal import MoE
public import Tensors

/// A linear map of tokens in single precision on oneDNN: x W^T + b with W `[outputs, inputs]`, as a router's gate is.
public final class Projection {
    private let product: RowProduct
    private let weights: HeldWeights

    /// Pack `matrix`, `[outputs, inputs]`, and `bias`, `[outputs]`, if there is one.
    public init(compute: ComputeEngine, matrix: Matrix, bias: [Float]? = nil) throws(ComputeError) {
        // The standard form, which knows no work: so a routing is the same wherever and for whatever it is made.
        let shape = ProductShape(inputs: matrix.columns, outputs: matrix.rows, dtype: .f32, work: .hundreds)
        product = try RowProduct(
            compute: compute,
            shape: shape,
            outputType: .f32,
            fused: RowProduct.Fused(hasBias: bias != nil),
            form: nil,
            scratch: ProductScratch(columns: 0)
        )
        weights = try product.pack(matrix.values, bias: bias)
    }

    /// Map tokens `[tokens, inputs]` to `[tokens, outputs]`.
    public func callAsFunction(_ tokens: Matrix) throws(ComputeError) -> Matrix {
        let (inputs, outputs) = (product.shape.inputs, product.shape.outputs)
        var result = Matrix(rows: tokens.rows, columns: outputs)
        let product = product
        let weights = weights
        try unsafe tokens.values.withUnsafeBufferPointer { (input) throws(ComputeError) in
            try unsafe result.values.withUnsafeMutableBufferPointer { (output) throws(ComputeError) in
                guard let from = input.baseAddress, let to = output.baseAddress else { return }
                let size = RowBlock.size(for: tokens.rows, height: product.form.blockRows)
                for first in stride(from: 0, to: tokens.rows, by: size) {
                    unsafe try product.run(
                        rows: min(size, tokens.rows - first),
                        input: from + first * inputs,
                        weights: weights,
                        output: to + first * outputs
                    )
                }
            }
        }
        return result
    }
}
