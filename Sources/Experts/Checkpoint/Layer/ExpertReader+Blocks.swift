import Basics
internal import MoE
internal import Tensors

extension ExpertReader {
    /// What a tensor holds for one expert.
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
        if view.dtype == .f8e4m3 { try scale(&values, view, stored.place, expert) }
        return StoredBlock(values: values)
    }

    /// What a tensor holds for the bias of one expert.
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
            guard part.dtype != .f8e4m3 else {
                throw reader.failure(part, "is F8_E4M3 and cut into parts; parts are read in other types only")
            }
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

    /// Multiplies F8_E4M3 values with the scales beside them.
    private func scale(
        _ values: inout [Float],
        _ view: TensorView,
        _ place: StoredMatrix.Place,
        _ expert: Int
    ) throws(CheckpointError) {
        guard place != .rows else {
            throw reader.failure(view, "is F8_E4M3, which is read from a tensor per matrix or a stack only")
        }
        let name = view.name + Float8Scales.suffix
        guard reader.checkpoint.contains(name) else {
            throw reader.failure(view, "is F8_E4M3, and there is no \(Quoted.text(name)) with its block scales")
        }
        let scales = try reader.checkpoint.tensor(named: name)
        let columns = view.shape[view.shape.count - 1]
        let blocks = view.shape.suffix(2).map(Float8Scales.blocks)
        try reader.check(scales, view.shape.dropLast(2) + blocks)
        let rows = rows(of: expert, place, scales)
        Float8Scales.apply(try reader.floats(scales, rows: rows), to: &values, columns: columns)
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
        return StoredBlock(values: values)
    }

    /// The two tensors of a matrix in MXFP4, known to have the right shapes.
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
        return (blocks, scales)
    }

    /// Checks shapes and types of the matrices of one expert, without reading them.
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
        for part in parts {
            try reader.check(part, shape)
            try reader.checkType(part)
        }
    }
}
