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

    /// The stored matrices of an expert: gate if there is one, up, down.
    var matrices: [StoredMatrix] { [gate, up, down].compactMap { $0 } }

    /// Names of all tensors of the layout, each once, behind the prefix of the layer's block and with `{expert}` still
    /// in them.
    var tensorNames: [String] {
        let biasNames = [biases?.gate, biases?.up, biases?.down].compactMap { $0?.name }
        var seen: Set<String> = []
        return (matrices.flatMap(\.tensorNames) + biasNames).filter { seen.insert($0).inserted }
    }

    /// Whether tensors of these shapes can hold the matrices, of any inner width.
    ///
    /// - Parameter shape: the shape of a tensor, by the name that the layout has for it.
    func fits(experts: Int, hidden: Int, _ shape: (String) -> [Int]?) -> Bool {
        guard let stored = shape(up.name), let ffn = up.outputs(inShape: stored, experts: experts) else { return false }
        let wanted = [
            (up.name, up.shape(experts: experts, outputs: ffn, inputs: hidden)),
            (down.name, down.shape(experts: experts, outputs: hidden, inputs: ffn)),
        ]
        return wanted.allSatisfy { shape($0) == $1 }
    }
}

extension ExpertLayout {
    /// The layout with one tensor `[out, in]` per matrix, named `head` + name + `.weight`.
    static func separate(_ head: String, gate: String?, up: String, down: String) -> ExpertLayout {
        func matrix(_ name: String) -> StoredMatrix { StoredMatrix(name: head + name + ".weight") }
        return ExpertLayout(gate: gate.map(matrix), up: matrix(up), down: matrix(down))
    }

    /// The layout with one tensor per matrix under the names of Llama and its descendants: `gate_proj`, `up_proj`,
    /// `down_proj`.
    static func projections(_ head: String) -> ExpertLayout {
        separate(head, gate: "gate_proj", up: "up_proj", down: "down_proj")
    }

    /// The layout with one tensor per matrix under the names of Mixtral: `w1` gate, `w3` up, `w2` down.
    static func numbered(_ head: String) -> ExpertLayout {
        separate(head, gate: "w1", up: "w3", down: "w2")
    }

    /// The layout with gate and up of all experts in one stack `[E, 2F, H]`, gate first, and down in another `[E, H,
    /// F]`.
    static func stacks(gateUp: String, down: String) -> ExpertLayout {
        ExpertLayout(
            gate: StoredMatrix(name: gateUp, place: .stack, part: .firstHalf),
            up: StoredMatrix(name: gateUp, place: .stack, part: .secondHalf),
            down: StoredMatrix(name: down, place: .stack)
        )
    }

    /// The layout of one expert with gate and up in one tensor `[2F, H]`, gate first, and down in another `[H, F]`.
    static func halves(gateUp: String, down: String) -> ExpertLayout {
        ExpertLayout(
            gate: StoredMatrix(name: gateUp, part: .firstHalf),
            up: StoredMatrix(name: gateUp, part: .secondHalf),
            down: StoredMatrix(name: down)
        )
    }

    /// The layout in which transformers 5 keeps the experts of most families in memory.
    static let inMemory = stacks(gateUp: "experts.gate_up_proj", down: "experts.down_proj")

    /// The layout of Llama-4: stacks of matrices stored `[in, out]`, gate and up in one `[E, H, 2F]`, the gate's
    /// columns first, and down in another `[E, F, H]`.
    static let llama4 = ExpertLayout(
        gate: StoredMatrix(name: "experts.gate_up_proj", place: .stack, part: .firstHalf, isTransposed: true),
        up: StoredMatrix(name: "experts.gate_up_proj", place: .stack, part: .secondHalf, isTransposed: true),
        down: StoredMatrix(name: "experts.down_proj", place: .stack, isTransposed: true)
    )

    /// The layout of gpt-oss: as Llama-4's, but with alternating columns of gate and up; or in MXFP4, and then stored
    /// `[out, in]` as `[E, 2F, H]` and `[E, H, F]`.
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

    /// The layout of DBRX: one tensor `[E * F, H]` per matrix with the rows of all experts; down is stored `[in, out]`.
    static let dbrx = ExpertLayout(
        gate: StoredMatrix(name: "experts.mlp.w1", place: .rows),
        up: StoredMatrix(name: "experts.mlp.v1", place: .rows),
        down: StoredMatrix(name: "experts.mlp.w2", place: .rows, isTransposed: true)
    )

    /// The layout of NLLB-MoE: an up and a down matrix with biases, each a tensor of its own.
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
    /// The part of the row that is the bias: all of it, a half, or every other number.
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
        /// One index of the first dimension of a tensor `[experts, …]`.
        case stack
        /// A range of rows of a tensor `[experts * rows, …]`.
        case rows
    }

    /// The rows of an expert's block, seen as `[out, in]`, that belong to one matrix.
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

    /// The names of the tensors that hold the matrix, with `{expert}` still in them.
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
