import Basics
internal import MoE
internal import Tensors

/// A reader of the matrices of experts of one layout; a tensor that two matrices share is read once per expert.
struct ExpertReader {
    let reader: TensorReader
    let layout: ExpertLayout
    /// The prefix that stands in front of every tensor name of the layout.
    let prefix: String
    /// The number of experts in a stack; 1 for a shared or dense expert.
    let experts: Int

    private var checkpoint: Checkpoint { reader.checkpoint }

    /// The shape of the experts, from the tensors of expert 0.
    ///
    /// - Throws: ``CheckpointError`` when the tensor of the up matrix does not have the shape of any.
    func shape(hidden: Int, activation: Activation, clamp: GateClamp?) throws(CheckpointError) -> ExpertShape {
        let up = layout.up
        let name = name(up.tensorNames[0], expert: 0)
        let shape = try storedShape(up, name)
        guard let ffn = up.outputs(inShape: shape, experts: experts) else {
            let expected = "any F in \(up.shape(experts: experts, outputs: 1, inputs: hidden)) times F"
            throw CheckpointError(
                path: checkpoint.path,
                tensor: name,
                message: "has shape \(shape), which is not that of matrices [F, \(hidden)]; \(expected) is allowed"
            )
        }
        return ExpertShape(
            hidden: hidden,
            ffn: ffn,
            activation: activation,
            hasBiases: layout.biases != nil,
            clamp: clamp
        )
    }

    /// Whether the up matrix of expert 0 is F8_E4M3.
    var isInFloat8: Bool {
        let view = try? checkpoint.parts(of: name(layout.up.tensorNames[0], expert: 0)).first
        return view?.dtype == .f8e4m3
    }

    /// All matrices and biases of one expert.
    func parameters(_ expert: Int, shape: ExpertShape) throws(CheckpointError) -> ExpertParameters {
        var blocks: [String: StoredBlock] = [:]
        func matrix(_ stored: StoredMatrix, _ outputs: Int, _ inputs: Int) throws(CheckpointError) -> [Float] {
            let block: StoredBlock
            if let known = blocks[stored.name] {
                block = known
            } else {
                block = try self.block(stored, expert, outputs, inputs)
                blocks[stored.name] = block
            }
            return block.matrix(stored, outputs: outputs, inputs: inputs)
        }
        func bias(_ stored: StoredBias, _ outputs: Int) throws(CheckpointError) -> [Float] {
            let block: StoredBlock
            if let known = blocks[stored.name] {
                block = known
            } else {
                block = try self.block(stored, expert, outputs)
                blocks[stored.name] = block
            }
            return block.vector(stored.part, outputs: outputs)
        }
        let (hidden, ffn) = (shape.hidden, shape.ffn)
        return ExpertParameters(
            shape: shape,
            gate: try layout.gate.map { (stored) throws(CheckpointError) in try matrix(stored, ffn, hidden) },
            up: try matrix(layout.up, ffn, hidden),
            down: try matrix(layout.down, hidden, ffn),
            biases: try layout.biases.map { (biases) throws(CheckpointError) in
                ExpertBiases(
                    gate: try biases.gate.map { (stored) throws(CheckpointError) in try bias(stored, ffn) },
                    up: try bias(biases.up, ffn),
                    down: try bias(biases.down, hidden)
                )
            }
        )
    }

    private func name(_ name: String, expert: Int) -> String {
        CheckpointFamily.name(prefix + name, expert: expert)
    }

    /// The shape of a matrix's values: with parts joined, and unpacked from MXFP4.
    private func storedShape(_ stored: StoredMatrix, _ name: String) throws(CheckpointError) -> [Int] {
        let parts = try checkpoint.parts(of: name)
        if stored.isMXFP4 {
            let shape = parts[0].shape
            guard shape.count == 4, shape[3] == MXFP4.blockLength / 2 else { return shape }
            return [shape[0], shape[1], shape[2] * MXFP4.blockLength]
        }
        // Only the up matrix [F, in] is looked at, whose parts stand one below the other.
        var shape = parts[0].shape
        for part in parts.dropFirst() where part.shape.dropFirst() == shape.dropFirst() && !shape.isEmpty {
            shape[0] += part.shape[0]
        }
        return shape
    }
}

extension ExpertReader {
    /// Read the block of a matrix that belongs to one expert.
    func block(
        _ stored: StoredMatrix,
        _ expert: Int,
        _ outputs: Int,
        _ inputs: Int
    ) throws(CheckpointError) -> StoredBlock {
        if stored.isMXFP4 { return try unpackedBlock(stored, expert, outputs, inputs) }
        let name = CheckpointFamily.name(prefix + stored.name, expert: expert)
        let parts = try reader.checkpoint.parts(of: name)
        let shape = stored.shape(experts: experts, outputs: outputs, inputs: inputs)
        guard parts.count == 1 else { return try joined(parts, shape, isDown: stored == layout.down) }
        let view = parts[0]
        try reader.check(view, shape)
        let rows = rows(of: expert, stored.place, view)
        var values = try reader.floats(view, rows: rows)
        if let scales = try scales(stored, view) {
            try scales.apply(to: &values, of: stored.place == .stack ? expert : 0, reader: reader)
            try reader.checkProducts(values, of: view)
        }
        return StoredBlock(values: values)
    }

    /// Read the block of a bias that belongs to one expert.
    func block(_ stored: StoredBias, _ expert: Int, _ outputs: Int) throws(CheckpointError) -> StoredBlock {
        let name = CheckpointFamily.name(prefix + stored.name, expert: expert)
        let shape = stored.shape(experts: experts, outputs: outputs)
        if stored.place == .ownTensor { return StoredBlock(values: try reader.values(name, shapes: [shape])) }
        return StoredBlock(values: try reader.row(expert, of: name, shape: shape))
    }

    private func rows(of expert: Int, _ place: StoredMatrix.Place, _ view: TensorView) -> Range<Int> {
        switch place {
        case .ownTensor: return 0..<view.rows
        case .stack: return expert..<expert + 1
        case .rows:
            let count = view.rows / experts
            return expert * count..<(expert + 1) * count
        }
    }

    /// Tensor-parallel parts put together: each part has an equal share of the inner width F, which is rows of gate and
    /// up `[F, H]`, and columns of down `[H, F]`.
    private func joined(
        _ parts: [TensorView],
        _ shape: [Int],
        isDown: Bool
    ) throws(CheckpointError) -> StoredBlock {
        var share = shape
        share[isDown ? 1 : 0] /= parts.count
        var pieces: [[Float]] = []
        for part in parts {
            try reader.check(part, share)
            try checkPart(part)
            pieces.append(try reader.floats(part, rows: 0..<part.rows))
        }
        guard isDown else { return StoredBlock(values: Array(pieces.joined())) }
        var values: [Float] = []
        values.reserveCapacity(shape[0] * shape[1])
        for row in 0..<shape[0] {
            for piece in pieces { values += piece[row * share[1]..<(row + 1) * share[1]] }
        }
        return StoredBlock(values: values)
    }

    private func checkPart(_ part: TensorView) throws(CheckpointError) {
        guard part.dtype != .f8e4m3 else {
            throw reader.failure(part, "is F8_E4M3 and cut into parts; parts are read in other types only")
        }
    }

    /// The scales of a tensor of the layout, if it has some.
    private func scales(_ stored: StoredMatrix, _ view: TensorView) throws(CheckpointError) -> Float8Scales? {
        guard stored.place != .rows || view.dtype != .f8e4m3 else {
            throw reader.failure(view, "is F8_E4M3, which is read from a tensor per matrix or a stack only")
        }
        return try reader.scales(of: view, isTransposed: stored.isTransposed)
    }

    private func unpackedBlock(
        _ stored: StoredMatrix,
        _ expert: Int,
        _ outputs: Int,
        _ inputs: Int
    ) throws(CheckpointError) -> StoredBlock {
        let (blocks, scales) = try packedViews(stored, expert, outputs, inputs)
        let rows = expert..<expert + 1
        let values = MXFP4.decode(
            blocks: try reader.bytes(blocks, rows: rows),
            scales: try reader.bytes(scales, rows: rows)
        )
        try reader.checkProducts(values, of: blocks)
        return StoredBlock(values: values)
    }

    /// The two tensors of a matrix in MXFP4, checked to have the right shapes.
    private func packedViews(
        _ stored: StoredMatrix,
        _ expert: Int,
        _ outputs: Int,
        _ inputs: Int
    ) throws(CheckpointError) -> (blocks: TensorView, scales: TensorView) {
        let names = stored.tensorNames.map { CheckpointFamily.name(prefix + $0, expert: expert) }
        let blocks = try reader.checkpoint.tensor(named: names[0])
        let scales = try reader.checkpoint.tensor(named: names[1])
        let shape = stored.shape(experts: experts, outputs: outputs, inputs: inputs)
        guard inputs % MXFP4.blockLength == 0 else {
            let length = MXFP4.blockLength
            throw reader.failure(blocks, "holds rows of \(inputs) values, which are no whole blocks of \(length)")
        }
        let blockShape = Array(shape.dropLast()) + [inputs / MXFP4.blockLength]
        try reader.check(blocks, blockShape + [MXFP4.blockLength / 2])
        try reader.check(scales, blockShape)
        for view in [blocks, scales] { try reader.checkIsPacked(view) }
        let whole = CheckpointFamily.name(prefix + stored.name, expert: expert)
        guard !reader.checkpoint.contains(whole) else {
            throw reader.failure(blocks, "stands beside \(Quoted.text(whole)), allowed: one of the two")
        }
        return (blocks, scales)
    }

    /// Throw when a number of one expert's matrices, scales or biases is not finite; tensors of the right shapes.
    func checkFinite(_ expert: Int, shape: ExpertShape) throws(CheckpointError) {
        let matrices =
            [layout.gate.map { ($0, shape.ffn, shape.hidden) }, (layout.up, shape.ffn, shape.hidden)]
            + [(layout.down, shape.hidden, shape.ffn)]
        var seen: Set<String> = []
        for case (let stored, let outputs, let inputs)? in matrices where seen.insert(stored.name).inserted {
            try checkFinite(stored, expert, outputs, inputs)
        }
        guard let biases = layout.biases else { return }
        for (bias, outputs) in [(biases.gate, shape.ffn), (biases.up, shape.ffn), (biases.down, shape.hidden)] {
            if let bias, seen.insert(bias.name).inserted { _ = try block(bias, expert, outputs) }
        }
    }

    private func checkFinite(
        _ stored: StoredMatrix,
        _ expert: Int,
        _ outputs: Int,
        _ inputs: Int
    ) throws(CheckpointError) {
        if stored.isMXFP4 {
            let scales = try packedViews(stored, expert, outputs, inputs).scales
            let bytes = try reader.bytes(scales, rows: expert..<expert + 1)
            guard let place = bytes.firstIndex(of: MXFP4.notANumber) else { return }
            throw reader.failure(
                scales,
                "is \(MXFP4.notANumber), not a number, at element \(place) of expert \(expert); finite numbers are allowed"
            )
        }
        let parts = try reader.checkpoint.parts(of: CheckpointFamily.name(prefix + stored.name, expert: expert))
        for part in parts {
            try reader.checkFinite(part, rows: parts.count == 1 ? rows(of: expert, stored.place, part) : 0..<part.rows)
        }
        guard parts.count == 1, let scales = try scales(stored, parts[0]) else { return }
        try scales.checkFinite(of: stored.place == .stack ? expert : 0, reader: reader)
    }

    /// Check shapes and types of the matrices of one expert, without reading them.
    func check(_ expert: Int, shape: ExpertShape) throws(CheckpointError) {
        if let gate = layout.gate { try check(gate, expert, shape.ffn, shape.hidden) }
        try check(layout.up, expert, shape.ffn, shape.hidden)
        try check(layout.down, expert, shape.hidden, shape.ffn)
    }

    private func check(
        _ stored: StoredMatrix,
        _ expert: Int,
        _ outputs: Int,
        _ inputs: Int
    ) throws(CheckpointError) {
        if stored.isMXFP4 {
            _ = try packedViews(stored, expert, outputs, inputs)
            return
        }
        let parts = try reader.checkpoint.parts(of: CheckpointFamily.name(prefix + stored.name, expert: expert))
        var shape = stored.shape(experts: experts, outputs: outputs, inputs: inputs)
        if parts.count > 1 { shape[stored == layout.down ? 1 : 0] /= parts.count }
        let packed = CheckpointFamily.name(prefix + stored.name + MXFP4.blocksSuffix, expert: expert)
        if reader.checkpoint.contains(packed) {
            throw reader.failure(parts[0], "stands beside \(Quoted.text(packed)), allowed: one of the two")
        }
        for part in parts {
            try reader.check(part, shape)
            try reader.checkType(part)
            if parts.count == 1 { _ = try scales(stored, part) } else { try checkPart(part) }
        }
    }
}
