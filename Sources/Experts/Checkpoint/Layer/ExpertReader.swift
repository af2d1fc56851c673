internal import MoE
internal import Tensors

/// Reads the matrices of experts of one layout; a tensor that two matrices share is read once per expert.
struct ExpertReader {
    let reader: TensorReader
    let layout: ExpertLayout
    /// Everything up to the names of the layout.
    let prefix: String
    /// Experts in a stack; 1 for a shared or dense expert.
    let experts: Int

    private var checkpoint: Checkpoint { reader.checkpoint }

    /// The experts' shape, from the tensors of expert 0.
    ///
    /// - Throws: ``CheckpointError`` when the tensor of the up matrix does not have the shape of any.
    func shape(hidden: Int, activation: Activation) throws(CheckpointError) -> ExpertShape {
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
        return ExpertShape(hidden: hidden, ffn: ffn, activation: activation, hasBiases: layout.biases != nil)
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

    /// The shape of the values: with parts joined, and unpacked from MXFP4.
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
