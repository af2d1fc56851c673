import Basics
import Tensors

/// Hidden states of a real model: step s takes rows s·T..<(s + 1)·T of a tensor `[token, hidden]`, round and round.
public struct ActivationsWorkload: Workload {
    private let tensor: TensorView
    private let rows: CyclicRows
    private let labels: TokenLabels

    /// Open a tensor of hidden states, whose data are not read, with the vocabulary ids (`token_ids` or `input_ids`)
    /// and the `sequence_lengths` beside it where the file has them. Padding (`attention_mask`, `token_mask`) is no token.
    ///
    /// - Parameters:
    ///   - path: a .safetensors, .npz or .npy file.
    ///   - name: the tensor; nil takes `hidden_states`, or the only tensor that could be meant.
    ///   - tokensPerStep: tokens of one step, T; at least 1.
    ///   - hidden: width of the model's tokens, H, which must be the tensor's.
    ///   - sequenceTokens: cuts each step into sequences of so many tokens, the last one the rest; at least 1. Nil for
    ///     the sequences of the file, or one sequence where it names none.
    /// - Throws: ``WorkloadError`` for a file that cannot be read, a tensor that is not there, not two-dimensional, not
    ///   of real numbers, without rows, or of another width; for ids or sequences that are not those of its rows.
    public init(
        path: String,
        tensor name: String? = nil,
        tokensPerStep: Int,
        hidden: Int,
        sequenceTokens: Int? = nil
    ) throws(WorkloadError) {
        do {
            let file = try openTensorFile(path)
            tensor = try Self.choose(name, from: file)
            try Self.check(tensor, hidden: hidden)
            labels = try TokenLabels(file, tokens: tensor.rows, sequenceTokens: sequenceTokens)
        } catch {
            throw WorkloadError(error)
        }
        rows = CyclicRows(count: labels.kept.count, perStep: tokensPerStep)
    }

    /// The summary of the workload for reports.
    public var summary: WorkloadSummary {
        WorkloadSummary(
            kind: .activations,
            source: Folder.name(of: tensor.path),
            distinctTokens: rows.count,
            tokensPerStep: rows.perStep
        )
    }

    /// What was left out as padding.
    public var notes: [String] { labels.kept.note.map { [$0] } ?? [] }

    /// The number of occurrences of each vocabulary id in the file, `[vocabulary]`; nil where tokens have none.
    public var tokenFrequencies: [Double]? { labels.frequencies }

    /// The tokens of one step.
    ///
    /// - Throws: ``WorkloadError`` when a value is infinite or not a number.
    public func batch(step: Int) throws(WorkloadError) -> WorkloadBatch {
        var values: [Float] = []
        values.reserveCapacity(rows.perStep * tensor.elementsPerRow)
        do {
            for piece in rows.pieces(step: step).flatMap({ labels.kept.rows($0) }) {
                let part = try tensor.floats(rows: piece)
                try checkFinite(part, firstRow: piece.lowerBound)
                values += part
            }
        } catch {
            throw WorkloadError(error)
        }
        let hidden = Matrix(rows: rows.perStep, columns: tensor.elementsPerRow, values: values)
        var batch = WorkloadBatch(hidden: hidden, gate: .model)
        labels.label(&batch, rows: rows, step: step)
        return batch
    }

    private func checkFinite(_ values: [Float], firstRow: Int) throws(TensorFileError) {
        guard let index = values.firstIndex(where: { !$0.isFinite }) else { return }
        let (row, column) = index.quotientAndRemainder(dividingBy: tensor.elementsPerRow)
        throw tensor.error("row \(firstRow + row), column \(column) is \(values[index]); finite numbers are allowed")
    }

    private static func choose(
        _ name: String?,
        from file: any TensorFile
    ) throws(TensorFileError) -> TensorView {
        if let name { return try file.tensor(named: name) }
        if file.names.contains("hidden_states") { return try file.tensor(named: "hidden_states") }
        var candidates: [TensorView] = []
        for name in file.names {
            let tensor = try file.tensor(named: name)
            if tensor.shape.count == 2, tensor.dtype.isFloatingPoint { candidates.append(tensor) }
        }
        if candidates.count == 1 { return candidates[0] }
        let found = candidates.prefix(12).map { "\(Quoted.text($0.name)) \($0.shape)" }.joined(separator: ", ")
        let message =
            "holds no \"hidden_states\" and \(candidates.count) tensors [token, hidden] of real numbers"
            + (found.isEmpty ? "" : ": \(found)") + "; name one as workload.tensor"
        throw TensorFileError(path: file.path, message: message)
    }

    private static func check(_ tensor: TensorView, hidden: Int) throws(TensorFileError) {
        guard tensor.shape.count == 2, tensor.dtype.isFloatingPoint else {
            let found = "has shape \(tensor.shape) of \(tensor.dtype.rawValue)"
            throw tensor.error("\(found); [token, hidden] of real numbers is needed")
        }
        guard tensor.elementsPerRow == hidden else {
            let width = tensor.elementsPerRow
            throw tensor.error("is \(width) wide, but model.hidden is \(hidden); model.hidden must be \(width)")
        }
        guard tensor.rows > 0 else { throw tensor.error("has no rows; at least one token is needed") }
        _ = try tensor.floats(rows: 0..<1)
    }
}
