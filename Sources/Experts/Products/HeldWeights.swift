public import MoE
public import Tensors

/// The weights of a ``RowProduct``, as its form holds them.
final class HeldWeights {
    /// A block of columns of a matrix, in the layout of its product and rounded to bfloat16.
    struct Block {
        /// The memory of the block's values, of which there are `count`.
        let storage: WeightArena.Piece
        let count: Int
        /// The packed weights in the shared window, into which the values are widened before a product, and the bias.
        let window: PackedWeights
    }

    enum Form {
        case packed(PackedWeights)
        case blocks([Block])
    }

    let form: Form
    /// Bytes that the matrix and its bias take.
    let byteCount: Int

    init(_ weights: PackedWeights) {
        form = .packed(weights)
        byteCount = weights.byteCount
    }

    init(_ blocks: [Block]) {
        form = .blocks(blocks)
        byteCount = blocks.reduce(0) { $0 + $1.count * DType.bf16.byteCount + $1.window.biasByteCount }
    }
}

/// Bytes that the weights of experts take as their products hold them.
///
/// As doubles: the settings allow products beyond the range of integers.
public struct HeldBytes: Sendable {
    /// Bytes of one routed expert.
    public let routedExpert: Double
    /// Bytes of the common experts of one layer.
    public let commonExperts: Double

    /// Compute the bytes that a model's experts take in the forms of a plan.
    ///
    /// - Throws: ``ComputeError`` where this processor has no products.
    public init(
        _ model: ModelShape,
        dtype: DType,
        plan: ProductPlan,
        compute: ComputeEngine
    ) throws(ComputeError) {
        routedExpert = try Self.bytes(model.expert, dtype, plan.routed, plan.forms, compute)
        var common = 0.0
        for expert in model.commonExperts {
            common += try Self.bytes(expert.shape, dtype, plan.everyToken, plan.forms, compute)
        }
        commonExperts = common
    }

    private static func bytes(
        _ shape: ExpertShape,
        _ dtype: DType,
        _ work: WorkClass,
        _ forms: ProductForms,
        _ compute: ComputeEngine
    ) throws(ComputeError) -> Double {
        guard !shape.returnsInput else { return 0 }
        let products = shape.products(dtype, work)
        func bytesPerWeight(_ product: ProductShape) throws(ComputeError) -> Double {
            // Every width has the same kernels.
            let narrow = ProductShape(inputs: 64, outputs: 64, dtype: dtype, work: work)
            let standard = try RowProduct.standardForm(narrow, RowProduct.Fused(), compute)
            // A form that multiplies in the type itself is replaced where the processor does not do that.
            guard let form = forms[product], form.holding != .own || standard.holding == .own else {
                return Double(standard.weightByteCount(dtype))
            }
            return Double(form.weightByteCount(dtype))
        }
        let perMatrixWeight =
            Double(shape.matrixCount - 1) * (try bytesPerWeight(products.up)) + (try bytesPerWeight(products.down))
        return perMatrixWeight * Double(shape.hidden) * Double(shape.ffn)
            + Double(shape.biasCount * DType.f32.byteCount)
    }
}
