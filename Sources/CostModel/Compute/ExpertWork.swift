public import MoE

/// The operations and bytes of one expert's products, by shape and number types.
public struct ExpertWork: Equatable, Sendable {
    /// The expert.
    public let shape: ExpertShape
    /// True for fp8 products with fp8 weights, false for bf16.
    public let isIn8Bits: Bool

    /// The work of experts of a shape.
    public init(shape: ExpertShape, isIn8Bits: Bool) {
        self.shape = shape
        self.isIn8Bits = isIn8Bits
    }

    /// Bytes of the weights: 1 or 2 each; scales of fp8 blocks, one single for 128 x 128 weights, are left out.
    public var weightBytes: Double { Double(shape.parameterCount) * operandBytes }

    /// Bytes that the products read and write for one row beside weights: operands in the number type of the products,
    /// results in bf16.
    public var productRowBytes: Double {
        let (hidden, inner) = (Double(shape.hidden), Double(shape.ffn))
        return operandBytes * (hidden + inner) + 2 * (innerWidth + hidden)
    }

    /// Bytes of the activation of one row: results of the first products in, operands of the last out.
    public func activationRowBytes(_ kernel: ProductKernel) -> Double {
        let inner = Double(shape.ffn)
        switch kernel {
        // Activation and conversion to fp8 are two passes there, with bf16 in between.
        case .contiguous where isIn8Bits: return 2 * innerWidth + 2 * inner + 3 * inner
        case .contiguous, .masked: return 2 * innerWidth + operandBytes * inner
        }
    }

    /// Bytes of putting one row into the order of the experts, and of reading its output from there.
    public var permutationRowBytes: Double { Double(shape.hidden) * (2 * operandBytes + 2) }

    /// Numbers that the first products give for one row.
    private var innerWidth: Double { Double((shape.matrixCount - 1) * shape.ffn) }

    private var operandBytes: Double { isIn8Bits ? 1 : 2 }
}

/// The form in which a rank launches the products of its experts.
public enum ProductKernel: String, Codable, CaseIterable, Sendable {
    /// Rows of all experts packed one behind the other, each queue padded to a tile, launched by the host: prefill.
    case contiguous
    /// A fixed slot per expert, of which only filled rows are computed, in a captured graph: decode.
    case masked
}
