internal import Tensors

/// The weights of a ``RowProduct``, as its form holds them.
final class HeldWeights {
    /// A block of columns in the layout of its product, narrowed.
    struct Block {
        /// Where its values lie, `count` of them.
        let storage: WeightArena.Piece
        let count: Int
        /// The layout's place in the window where the values are widened, and the bias.
        let window: PackedWeights
    }

    enum Form {
        case packed(PackedWeights)
        case blocks([Block])
    }

    let form: Form
    /// Bytes that matrix and bias take.
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
