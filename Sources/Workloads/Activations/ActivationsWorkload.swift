import Basics
import Tensors

/// Hidden states of a real model: step s takes rows s·T..<(s + 1)·T of a tensor `[token, hidden]`, round and round.
public struct ActivationsWorkload: Workload {
    private let tensor: TensorView
    private let rows: CyclicRows
    private let labels: TokenLabels
    private let sources: [Int32]?
    /// What was left out as padding, and what of the file is not read, a sentence each.
    public let notes: [String]

    /// Open a tensor of hidden states, and check that its numbers are finite, with the vocabulary ids (`token_ids` or `input_ids`)
    /// the `sequence_lengths` and the `source_rank` beside it where the file has them. Padding (`attention_mask`,
    /// `token_mask`) is no token.
    ///
    /// - Parameters:
    ///   - path: a .safetensors, .npz or .npy file.
    ///   - name: the tensor; nil takes `hidden_states`, or the only tensor that could be meant.
    ///   - tokensPerStep: tokens of one step, T; at least 1.
    ///   - hidden: width of the model's tokens, H, which must be the tensor's.
    ///   - steps: the steps that are taken, whose rows are checked; nil for all rows.
    ///   - ranks: the number of ranks that may own tokens; nil where the file does not say who owns them, whatever it
    ///     holds.
    ///   - sequenceTokens: cuts each step into sequences of so many tokens, the last one the rest; at least 1. Nil for
    ///     the sequences of the file, or one sequence where it names none.
    /// - Throws: ``WorkloadError`` for a file that cannot be read, a tensor that is not there, not two-dimensional, not
    ///   of real finite numbers, without rows, or of another width; for ids, sequences or owners that are not those of its
    ///   rows.
    public init(
        path: String,
        tensor name: String? = nil,
        tokensPerStep: Int,
        hidden: Int,
        steps: Int? = nil,
        ranks: Int? = nil,
        sequenceTokens: Int? = nil
    ) throws(WorkloadError) {
        do {
            let file = try openTensorFile(path)
            tensor = try Self.choose(name, from: file)
            try Self.check(tensor, hidden: hidden)
            labels = try TokenLabels(file, tokens: tensor.rows, sequenceTokens: sequenceTokens)
            sources = if let ranks { try TraceChoice.sources(in: file, kept: labels.kept, ranks: ranks) } else { nil }
            notes = [
                labels.kept.note, LabelTensor.unreadNote(in: file),
                try Self.passedOver(tensor, isNamed: name != nil, in: file, sources: ranks == nil),
            ].compactMap(\.self)
        } catch {
            throw WorkloadError(error)
        }
        rows = CyclicRows(count: labels.kept.count, perStep: tokensPerStep)
        try checkFinite(steps)
    }

    /// Check that the numbers of all rows that some steps take, or of all rows, are finite, a piece at a time.
    private func checkFinite(_ steps: Int?) throws(WorkloadError) {
        let (taken, isMore) = (steps ?? rows.count).multipliedReportingOverflow(by: steps == nil ? 1 : rows.perStep)
        let read = CyclicRows(count: rows.count, perStep: isMore ? rows.count : max(1, min(taken, rows.count)))
        do {
            for piece in read.pieces(step: 0).flatMap({ labels.kept.rows($0) }) {
                try tensor.checkFinite(rows: piece)
                try tensor.releaseMemory(rows: piece)
            }
        } catch {
            throw WorkloadError(error)
        }
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

    /// The number of occurrences of each vocabulary id in the file, `[vocabulary]`; nil where tokens have none.
    public var tokenFrequencies: [Double]? { labels.frequencies }

    /// The tokens of one step.
    ///
    /// - Throws: ``WorkloadError`` when a value is not finite, in a file that has changed since it was checked.
    public func batch(step: Int) throws(WorkloadError) -> WorkloadBatch {
        var values: [Float] = []
        values.reserveCapacity(rows.perStep * tensor.elementsPerRow)
        do {
            for piece in rows.pieces(step: step).flatMap({ labels.kept.rows($0) }) {
                try tensor.checkFinite(rows: piece)
                values += try tensor.floats(rows: piece)
            }
        } catch {
            throw WorkloadError(error)
        }
        let hidden = Matrix(rows: rows.perStep, columns: tensor.elementsPerRow, values: values)
        var batch = WorkloadBatch(hidden: hidden, gate: .model)
        labels.label(&batch, rows: rows, step: step)
        batch.sourceRanks = sources.map { sources in rows.pieces(step: step).joined().map { sources[$0] } }
        return batch
    }

    /// What a reader of the results is told of tensors that stand beside the hidden states; nil for nothing.
    ///
    /// - Parameters:
    ///   - isNamed: whether a person has named the tensor.
    ///   - sources: whether the owners of tokens are not read, either.
    private static func passedOver(
        _ tensor: TensorView,
        isNamed: Bool,
        in file: any TensorFile,
        sources: Bool
    ) throws(TensorFileError) -> String? {
        let routing = Set(LogitsFile.known)
        var (unread, alike): ([String], [String]) = ([], [])
        let batch = try LabelTensor.batchShape(in: file)
        for name in file.names where name != tensor.name {
            if routing.contains(LabelTensor.lastPart(of: name)) || sources && name == LabelTensor.source {
                unread.append(name)
            } else if !isNamed {
                let other = try file.tensor(named: name).withTokenRows(batch)
                if other.shape == tensor.shape, other.dtype.isFloatingPoint { alike.append(name) }
            }
        }
        let path = Folder.name(of: file.path)
        return WordList.notes([
            unread.isEmpty
                ? nil : "\(path) holds \(WordList.all(LabelTensor.byLastPart(unread))), which activations do not read",
            alike.isEmpty
                ? nil
                : "\(path) holds \(tensor.name), which is taken, and \(WordList.all(LabelTensor.byLastPart(alike))) of the "
                    + "same shape; workload.tensor names another",
        ])
    }

    private static func choose(
        _ name: String?,
        from file: any TensorFile
    ) throws(TensorFileError) -> TensorView {
        let batch = try LabelTensor.batchShape(in: file)
        if let name { return try file.tensor(named: name).withTokenRows(batch) }
        if file.names.contains("hidden_states") {
            return try file.tensor(named: "hidden_states").withTokenRows(batch)
        }
        var candidates: [TensorView] = []
        for name in file.names {
            let tensor = try file.tensor(named: name).withTokenRows(batch)
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
            let hint = tensor.shape.count == 3 ? LabelTensor.batchHint("hidden") : ""
            throw tensor.error("\(found); [token, hidden] of real numbers is needed\(hint)")
        }
        guard tensor.elementsPerRow == hidden else {
            let width = tensor.elementsPerRow
            throw tensor.error("is \(width) wide, but model.hidden is \(hidden); model.hidden must be \(width)")
        }
        guard tensor.rows > 0 else { throw tensor.error("has no rows; at least one token is needed") }
        _ = try tensor.floats(rows: 0..<1)
    }
}
