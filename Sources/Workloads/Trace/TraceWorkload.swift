import Basics
public import MoE
import Tensors

/// Recorded routing of a real model, replayed: step s takes tokens s·T..<(s + 1)·T of the trace, round and round.
///
/// The hidden states are seeded numbers, because a trace holds none; each token of the trace always has the same.
public struct TraceWorkload: Workload {
    private let trace: RoutingTrace
    private let part: RoutingTrace.Part
    private let rows: CyclicRows
    private let labels: TokenLabels
    private let experts: Int
    private let hidden: SeededHiddenStates
    private let sources: [Int32]?
    /// What was taken for granted of the file, and what of it is not replayed, a sentence each.
    public private(set) var notes: [String]

    /// Open a trace and check all of its choices for the layers of the model.
    ///
    /// A choice of -1 is none: such a token has fewer than k. Read are also, where they are there, the vocabulary ids in
    /// `token_ids` or `input_ids`, the `sequence_lengths` (or `seq_lens`), the masks `attention_mask` and `token_mask`,
    /// whose padding is no token, and the rank that owns each token in `source_rank`.
    ///
    /// - Parameters:
    ///   - path: a tensor file with `topk_ids` [token, layer, k] and, if recorded, `topk_weights`; or with
    ///     `layers.<l>.topk_index` [token, k] and `layers.<l>.topk_weight`, as epsim saves them; or of other known names.
    ///   - tokensPerStep: tokens of one step, T; at least 1.
    ///   - model: its layers must be in the trace, the trace's experts in the model.
    ///   - topK: choices per token of the router, k, which must be the trace's.
    ///   - layers: the layers that are replayed, by their numbers in the file; nil for the first with experts.
    ///   - sharedColumns: the columns that hold experts which every token has beside its choices.
    ///   - axes: the order of the axes of a tensor of all layers; nil for what the file and the model tell.
    ///   - ranks: the number of ranks that may own tokens; nil where the file does not say who owns them, whatever it
    ///     holds.
    ///   - seed: the seed of the hidden states.
    ///   - sequenceTokens: cuts each step into sequences of so many tokens, the last one the rest; at least 1. Nil for
    ///     the sequences of the file, or one sequence where it names none.
    /// - Throws: ``WorkloadError`` for a file that cannot be read, too few layers, another k, an expert that the model
    ///   has not, an expert twice for one token, a weight that is not finite, or ids or sequences that are not those of
    ///   its tokens.
    public init(
        path: String,
        tokensPerStep: Int,
        model: ModelShape,
        topK: Int,
        layers: LayerChoice? = nil,
        sharedColumns: [Int] = [],
        axes: TraceOrder? = nil,
        ranks: Int? = nil,
        seed: UInt64,
        sequenceTokens: Int? = nil
    ) throws(WorkloadError) {
        let found: [String]
        do {
            let file = try openTensorFile(path)
            trace = try RoutingTrace(file, layers: model.layers, order: axes)
            labels = try TokenLabels(file, tokens: trace.tokens, sequenceTokens: sequenceTokens)
            let choice = TraceChoice(trace: trace, kept: labels.kept, model: model, topK: topK)
            let columns = try choice.columns(without: sharedColumns)
            let replayed = try choice.layers(layers)
            part = RoutingTrace.Part(layers: replayed.layers, columns: columns)
            sources = if let ranks { try TraceChoice.sources(in: file, kept: labels.kept, ranks: ranks) } else { nil }
            found =
                [labels.kept.note].compactMap(\.self) + trace.notes + replayed.notes
                + TraceChoice.unread(in: file, sources: ranks == nil)
        } catch {
            throw WorkloadError(error)
        }
        experts = model.candidates
        hidden = SeededHiddenStates(seed: seed, hidden: model.hidden)
        rows = CyclicRows(count: labels.kept.count, perStep: tokensPerStep)
        notes = found
        var zeros = ZeroWeights()
        for piece in rows.allPieces {
            for (record, layer) in zip(try choices(piece, part), part.layers) {
                zeros.count(record.experts, record.weights) { index in
                    let token = labels.kept.row(of: piece.lowerBound + index / record.choicesPerToken)
                    return "token \(token), layer \(trace.numbers[layer])"
                }
            }
        }
        notes += [zeros.note(of: path)].compactMap(\.self)
    }

    /// The summary of the workload for reports.
    public var summary: WorkloadSummary {
        WorkloadSummary(
            kind: .trace,
            source: Folder.name(of: trace.path),
            distinctTokens: rows.count,
            tokensPerStep: rows.perStep
        )
    }

    /// The number of occurrences of each vocabulary id in the file, `[vocabulary]`; nil where tokens have none.
    public var tokenFrequencies: [Double]? { labels.frequencies }

    /// The tokens of one step.
    ///
    /// - Throws: ``WorkloadError`` when the file has been changed since it was checked.
    public func batch(step: Int) throws(WorkloadError) -> WorkloadBatch {
        let pieces = rows.pieces(step: step)
        let records = try choices(pieces, part)
        var batch = WorkloadBatch(hidden: hidden.rows(pieces.flatMap { Array($0) }), gate: .recorded(records))
        labels.label(&batch, rows: rows, step: step)
        batch.sourceRanks = sourceRanks(step)
        return batch
    }

    /// The tokens of one step without their hidden states.
    public func outline(step: Int) throws(WorkloadError) -> StepOutline {
        StepOutline(
            tokens: rows.perStep,
            tokenIDs: labels.ids(of: rows.pieces(step: step).joined()),
            sequenceLengths: labels.lengths(rows: rows, step: step),
            sourceRanks: sourceRanks(step)
        )
    }

    private func sourceRanks(_ step: Int) -> [Int32]? {
        sources.map { sources in rows.pieces(step: step).joined().map { sources[$0] } }
    }

    /// The recorded choices of one layer.
    public func gate(step: Int, layer: Int) throws(WorkloadError) -> LayerGateInput {
        let one = RoutingTrace.Part(layers: [part.layers[layer]], columns: part.columns)
        return .recorded(try choices(rows.pieces(step: step), one)[0])
    }

    /// The recorded choices of all tokens of the file, padding not counted, one record per layer.
    func allChoices() throws(WorkloadError) -> [RecordedChoices] { try choices(0..<rows.count, part) }

    /// The choices of the tokens in some ranges, padding not counted, one record per layer of a part.
    private func choices(_ pieces: [Range<Int>], _ part: RoutingTrace.Part) throws(WorkloadError) -> [RecordedChoices] {
        var experts = [[Int32]](repeating: [], count: part.layers.count)
        var weights = [[Float]](repeating: [], count: part.layers.count)
        for piece in pieces {
            for (index, record) in try choices(piece, part).enumerated() {
                experts[index] += record.experts
                weights[index] += record.weights ?? []
            }
        }
        return zip(experts, weights).map { experts, weights in
            RecordedChoices(
                choicesPerToken: part.columns.count,
                experts: experts,
                weights: weights.isEmpty ? nil : weights
            )
        }
    }

    private func choices(_ tokens: Range<Int>, _ part: RoutingTrace.Part) throws(WorkloadError) -> [RecordedChoices] {
        do {
            let rows = labels.kept.rows(tokens)
            guard rows.count != 1 else { return try trace.choices(rows: rows[0], part, experts: experts) }
            var records: [[RecordedChoices]] = []
            for run in rows { records.append(try trace.choices(rows: run, part, experts: experts)) }
            return part.layers.indices.map { layer in RecordedChoices.joined(records.map { $0[layer] }) }
        } catch {
            throw WorkloadError(error)
        }
    }
}
