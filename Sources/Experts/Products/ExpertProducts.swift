internal import MoE
internal import Tensors

/// The products of experts of one shape, the activation fused into them.
struct ExpertProducts {
    /// Behind it, or nil when the activation has no gate.
    let gate: RowProduct?
    let up: RowProduct
    let down: RowProduct

    /// - Parameter forms: those that were chosen.
    init(
        compute: ComputeEngine,
        shape: ExpertShape,
        dtype: DType,
        outputType: DType,
        work: WorkClass,
        forms: ProductForms,
        scratch: ProductScratch
    ) throws(ComputeError) {
        let chain = ActivationChain(shape.activation)
        let products = shape.products(dtype, work)
        func product(
            _ product: ProductShape,
            _ outputType: DType,
            _ operations: [PostOperation]
        ) throws(ComputeError) -> RowProduct {
            try RowProduct(
                compute: compute,
                shape: product,
                outputType: outputType,
                fused: RowProduct.Fused(hasBias: shape.hasBiases, postOperations: operations),
                form: forms[product],
                scratch: scratch
            )
        }
        gate = try chain.gate.map { (operations) throws(ComputeError) in try product(products.up, .f32, operations) }
        up = try product(products.up, dtype, chain.up)
        down = try product(products.down, outputType, [])
    }

    /// Whether a row has the same bits whatever rows stand beside it.
    var keepBits: Bool { all.allSatisfy(\.keepsBits) }

    var all: [RowProduct] { [gate, up, down].compactMap(\.self) }
}
