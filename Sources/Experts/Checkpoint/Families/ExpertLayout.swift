/// How the experts of a layer are stored.
struct ExpertLayout: Equatable, Sendable {
    /// The biases of an expert.
    struct Biases: Equatable, Sendable {
        var gate: StoredBias?
        let up: StoredBias
        let down: StoredBias
    }

    /// Nil when the activation has no gate.
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

    /// How transformers 5 keeps the experts of most families in memory.
    static let inMemory = stacks(gateUp: "experts.gate_up_proj", down: "experts.down_proj")

    /// Llama-4: stacks to be multiplied from the right, `[E, H, 2F]` with the gate's columns first, and `[E, F, H]`.
    static let llama4 = ExpertLayout(
        gate: StoredMatrix(name: "experts.gate_up_proj", place: .stack, part: .firstHalf, isTransposed: true),
        up: StoredMatrix(name: "experts.gate_up_proj", place: .stack, part: .secondHalf, isTransposed: true),
        down: StoredMatrix(name: "experts.down_proj", place: .stack, isTransposed: true)
    )

    /// gpt-oss: as Llama-4 but with alternating columns of gate and up; or in MXFP4, and then `[E, 2F, H]`, `[E, H, F]`.
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
