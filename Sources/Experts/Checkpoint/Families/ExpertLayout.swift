/// The layout in which the experts of a layer are stored.
struct ExpertLayout: Equatable, Sendable {
    /// The layout of an expert's biases.
    struct Biases: Equatable, Sendable {
        var gate: StoredBias?
        let up: StoredBias
        let down: StoredBias
    }

    /// The gate matrix, or nil when the activation has no gate.
    var gate: StoredMatrix?
    let up: StoredMatrix
    let down: StoredMatrix
    var biases: Biases?

    /// The matrices, gate first.
    var matrices: [StoredMatrix] { [gate, up, down].compactMap { $0 } }

    /// Names of all tensors, behind the prefix of the layer's block and with the placeholder still in; none twice.
    var tensorNames: [String] {
        let biasNames = [biases?.gate, biases?.up, biases?.down].compactMap { $0?.name }
        var seen: Set<String> = []
        return (matrices.flatMap(\.tensorNames) + biasNames).filter { seen.insert($0).inserted }
    }
}

extension ExpertLayout {
    /// One tensor per matrix: `head` + name + `tail`, `[out, in]`.
    static func separate(_ head: String, gate: String?, up: String, down: String) -> ExpertLayout {
        func matrix(_ name: String) -> StoredMatrix { StoredMatrix(name: head + name + ".weight") }
        return ExpertLayout(gate: gate.map(matrix), up: matrix(up), down: matrix(down))
    }

    /// One tensor per matrix under the names of Llama and its descendants.
    static func projections(_ head: String) -> ExpertLayout {
        separate(head, gate: "gate_proj", up: "up_proj", down: "down_proj")
    }

    /// One tensor per matrix under the names of Mixtral.
    static func numbered(_ head: String) -> ExpertLayout {
        separate(head, gate: "w1", up: "w3", down: "w2")
    }

    /// Gate and up of all experts in one stack `[E, 2F, H]`, gate first, and down in another `[E, H, F]`.
    static func stacks(gateUp: String, down: String) -> ExpertLayout {
        ExpertLayout(
            gate: StoredMatrix(name: gateUp, place: .stack, part: .firstHalf),
            up: StoredMatrix(name: gateUp, place: .stack, part: .secondHalf),
            down: StoredMatrix(name: down, place: .stack)
        )
    }

    /// The layout in which transformers 5 keeps the experts of most families in memory.
    static let inMemory = stacks(gateUp: "experts.gate_up_proj", down: "experts.down_proj")

    /// Llama-4: stacks to be multiplied from the right, `[E, H, 2F]` with the gate's columns first, and `[E, F, H]`.
    static let llama4 = ExpertLayout(
        gate: StoredMatrix(name: "experts.gate_up_proj", place: .stack, part: .firstHalf, isTransposed: true),
        up: StoredMatrix(name: "experts.gate_up_proj", place: .stack, part: .secondHalf, isTransposed: true),
        down: StoredMatrix(name: "experts.down_proj", place: .stack, isTransposed: true)
    )

    /// gpt-oss: as Llama-4 but with alternating columns of gate and up; or in MXFP4, and then `[E, 2F, H]`,
    /// `[E, H, F]`.
    static func gptOss(isMXFP4: Bool) -> ExpertLayout {
        func matrix(_ name: String, _ part: StoredMatrix.Part) -> StoredMatrix {
            StoredMatrix(name: name, place: .stack, part: part, isTransposed: !isMXFP4, isMXFP4: isMXFP4)
        }
        func bias(_ name: String, _ part: StoredMatrix.Part) -> StoredBias {
            StoredBias(name: name, place: .stack, part: part)
        }
        return ExpertLayout(
            gate: matrix("experts.gate_up_proj", .evenRows),
            up: matrix("experts.gate_up_proj", .oddRows),
            down: matrix("experts.down_proj", .whole),
            biases: Biases(
                gate: bias("experts.gate_up_proj_bias", .evenRows),
                up: bias("experts.gate_up_proj_bias", .oddRows),
                down: bias("experts.down_proj_bias", .whole)
            )
        )
    }

    /// DBRX: rows `[E * F, H]` of all three matrices; down is multiplied from the right.
    static let dbrx = ExpertLayout(
        gate: StoredMatrix(name: "experts.mlp.w1", place: .rows),
        up: StoredMatrix(name: "experts.mlp.v1", place: .rows),
        down: StoredMatrix(name: "experts.mlp.w2", place: .rows, isTransposed: true)
    )

    /// NLLB-MoE: two matrices with biases.
    static let nllb = ExpertLayout(
        up: StoredMatrix(name: "experts.expert_{expert}.fc1.weight"),
        down: StoredMatrix(name: "experts.expert_{expert}.fc2.weight"),
        biases: Biases(
            up: StoredBias(name: "experts.expert_{expert}.fc1.bias"),
            down: StoredBias(name: "experts.expert_{expert}.fc2.bias")
        )
    )
}

/// The layout of one stored bias of an expert.
struct StoredBias: Equatable, Sendable {
    /// The tensor's name behind the prefix of the layer's block.
    let name: String
    /// The place of the bias: a tensor `[out]` of its own, or a row of `[experts, out]`.
    var place = StoredMatrix.Place.ownTensor
    /// The numbers of the row that are the bias.
    var part = StoredMatrix.Part.whole

    /// The shape that the tensor must have, for a bias of `outputs` numbers.
    func shape(experts: Int, outputs: Int) -> [Int] {
        (place == .ownTensor ? [] : [experts]) + [outputs * part.sharing]
    }
}

/// The layout of one stored matrix of an expert: the name of its tensor, its place there, and which way round it
/// stands.
///
/// Seen as `[out, in]`, the tensor's block for one expert holds the matrix whole, or beside another one.
struct StoredMatrix: Equatable, Sendable {
    /// The part of a tensor that belongs to one expert.
    enum Place: Equatable, Sendable {
        /// The whole tensor, of which there is one per expert: `{expert}` in the name is its number.
        case ownTensor
        /// One index of the first dimension, `[experts, …]`.
        case stack
        /// A range of rows, `[experts * rows, …]`.
        case rows
    }

    /// The rows of the block's `[out, in]` form that are the matrix.
    enum Part: Equatable, Sendable {
        case whole
        case firstHalf
        case secondHalf
        case evenRows
        case oddRows

        /// The number of matrices that share the block.
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

    /// The tensor's name behind the prefix of the layer's block.
    let name: String
    var place = Place.ownTensor
    var part = Part.whole
    /// True when the block is stored `[in, out]`.
    var isTransposed = false
    /// True when the values are MXFP4: tensors `name_blocks` and `name_scales` stand in place of `name`.
    var isMXFP4 = false

    /// The names of the tensors that hold the matrix, with the placeholder still in.
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

    /// The rows of the matrix in a tensor of this shape, or nil when no matrix can have that shape.
    func outputs(inShape shape: [Int], experts: Int) -> Int? {
        guard shape.count == (place == .stack ? 3 : 2) else { return nil }
        let divisor = part.sharing * (place == .rows && !isTransposed ? experts : 1)
        let stored = shape[shape.count - (isTransposed ? 1 : 2)]
        guard stored > 0, stored % divisor == 0 else { return nil }
        return stored / divisor
    }
}
