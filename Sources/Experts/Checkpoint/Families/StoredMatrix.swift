/// How one matrix of an expert is stored: under which name, where in that tensor, and which way round.
///
/// Seen as `[out, in]`, the tensor's block for one expert holds the matrix whole, or beside another one.
struct StoredMatrix: Equatable, Sendable {
    /// What of the tensor belongs to one expert.
    enum Place: Equatable, Sendable {
        /// The whole tensor, of which there is one per expert: `{expert}` in the name is its number.
        case ownTensor
        /// One index of the first dimension, `[experts, …]`.
        case stack
        /// A range of rows, `[experts * rows, …]`.
        case rows
    }

    /// Which rows of the block's `[out, in]` form are the matrix.
    enum Part: Equatable, Sendable {
        case whole
        case firstHalf
        case secondHalf
        case evenRows
        case oddRows

        /// How many matrices share the block.
        var sharing: Int { self == .whole ? 1 : 2 }

        /// Row of the block that holds row `output` of a matrix of `outputs` rows.
        func row(_ output: Int, of outputs: Int) -> Int {
            switch self {
            case .whole, .firstHalf: output
            case .secondHalf: outputs + output
            case .evenRows: 2 * output
            case .oddRows: 2 * output + 1
            }
        }
    }

    /// Name behind the prefix of the layer's block.
    let name: String
    var place = Place.ownTensor
    var part = Part.whole
    /// True when the block is stored `[in, out]`.
    var isTransposed = false
    /// True when the values are MXFP4: tensors `name_blocks` and `name_scales` stand in place of `name`.
    var isMXFP4 = false

    /// The tensors that hold it, with the placeholder still in.
    var tensorNames: [String] {
        isMXFP4 ? [name + MXFP4.blocksSuffix, name + MXFP4.scalesSuffix] : [name]
    }

    /// The shape that the tensor must have, for a matrix `[outputs, inputs]`; of the unpacked values for MXFP4.
    func shape(experts: Int, outputs: Int, inputs: Int) -> [Int] {
        let rows = outputs * part.sharing
        let block = isTransposed ? [inputs, rows] : [rows, inputs]
        switch place {
        case .ownTensor: return block
        case .stack: return [experts] + block
        case .rows: return [experts * block[0], block[1]]
        }
    }

    /// The rows of the matrix in a tensor of this shape, or nil when the shape cannot be.
    func outputs(inShape shape: [Int], experts: Int) -> Int? {
        guard shape.count == (place == .stack ? 3 : 2) else { return nil }
        let divisor = part.sharing * (place == .rows && !isTransposed ? experts : 1)
        let stored = shape[shape.count - (isTransposed ? 1 : 2)]
        guard stored > 0, stored % divisor == 0 else { return nil }
        return stored / divisor
    }
}
