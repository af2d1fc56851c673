public import MoE
import Tensors

/// The copies of each expert in a recorded file, step by step: what policies place experts by.
public struct RecordedLoads: Sendable {
    /// Copies, `[layers][steps][experts]`; those for identity experts, which have no slot, are left out.
    public private(set) var layers: [[[Double]]]
    /// Tokens that chose both experts of a pair, `[layers][experts * experts]`, or nil where only loads are recorded.
    public private(set) var coactivations: [[Double]]?
    /// What was made of the file, a sentence each.
    public private(set) var notes: [String]

    /// The part of a file's tokens or steps that is taken, as shares of all, from 0 to 1.
    public static let whole = 0.0...1.0

    /// Read loads, or routing in the form of a trace.
    ///
    /// - Parameters:
    ///   - path: a file of either kind.
    ///   - model: the model that the file is of.
    ///   - chosen: the layers of the file, by their numbers there; nil for the first with experts.
    ///   - axes: the order of a trace's axes, or nil where it tells it.
    ///   - sharedColumns: the columns of a trace that hold experts which every token has.
    ///   - stepTokens: tokens of a step of recorded routing.
    ///   - part: the part of its tokens, or of its steps, that is taken; a last step with fewer tokens is left out,
    ///     unless it is the only one.
    /// - Throws: ``WorkloadError`` for what is neither, or is of another model.
    public init(
        path: String,
        model: ModelShape,
        layers chosen: LayerChoice? = nil,
        axes: TraceOrder? = nil,
        sharedColumns: [Int] = [],
        stepTokens: Int,
        part: ClosedRange<Double> = whole
    ) throws(WorkloadError) {
        guard let trace = try Self.trace(path, layers: model.layers, axes) else {
            try self.init(loads: path, model, chosen, part)
            return
        }
        let choices = trace.choices - Set(sharedColumns).count
        guard choices >= 1 else {
            throw WorkloadError(
                file: path,
                message: "all \(trace.choices) columns are said to be shared; 1 has to be left"
            )
        }
        let replay = try TraceWorkload(
            path: path,
            tokensPerStep: trace.tokens,
            model: model,
            topK: choices,
            layers: chosen,
            sharedColumns: sharedColumns,
            axes: axes,
            seed: 0
        )
        try self.init(replay, path, choices, model.experts, stepTokens, part)
    }

    /// The recorded routing that a file holds, or nil where it holds none.
    private static func trace(
        _ path: String,
        layers: Int,
        _ axes: TraceOrder?
    ) throws(WorkloadError) -> RoutingTrace? {
        guard let file = try? openTensorFile(path) else { return nil }
        let isTrace = file.names.contains { name in
            RoutingNames.ids.contains { name == $0 || name.hasSuffix(".\($0)") || name.hasPrefix("\($0).") }
        }
        guard isTrace else { return nil }
        do throws(TensorFileError) {
            return try RoutingTrace(file, layers: layers, order: axes)
        } catch {
            throw WorkloadError(error)
        }
    }

    private init(
        _ replay: TraceWorkload,
        _ path: String,
        _ choices: Int,
        _ experts: Int,
        _ stepTokens: Int,
        _ part: ClosedRange<Double>
    ) throws(WorkloadError) {
        let records = try replay.allChoices()
        let tokens = records.first.map { $0.experts.count / choices } ?? 0
        let taken = Self.range(part, of: tokens)
        guard !taken.isEmpty else {
            throw WorkloadError(file: path, message: "holds \(tokens) tokens, none of them in the part that is taken")
        }
        let steps = Swift.max(1, taken.count / stepTokens)
        var layers: [[[Double]]] = []
        var pairs: [[Double]] = []
        for record in records {
            var counts = [[Double]](repeating: [Double](repeating: 0, count: experts), count: steps)
            var together = [Double](repeating: 0, count: experts * experts)
            for token in taken {
                let chosen = record.experts[token * choices..<(token + 1) * choices]
                    .filter { $0 >= 0 && $0 < experts }
                let step = (token - taken.lowerBound) / stepTokens
                for one in chosen {
                    if step < steps { counts[step][Int(one)] += 1 }
                    for other in chosen { together[Int(one) * experts + Int(other)] += 1 }
                }
            }
            layers.append(counts)
            pairs.append(together)
        }
        self.layers = layers
        coactivations = pairs
        notes = replay.notes
    }

    private init(
        loads path: String,
        _ model: ModelShape,
        _ chosen: LayerChoice?,
        _ part: ClosedRange<Double>
    ) throws(WorkloadError) {
        let (whole, steps) = try ExpertLoadFile.steps(path: path)
        // Layers are dense, or not, by all steps together: one may be idle in a step.
        let found = try LoadCheck(file: whole, model: model, topK: 1, limit: nil).layers(chosen)
        let taken = steps[Self.range(part, of: steps.count)]
        guard !taken.isEmpty || steps.count == 1 else {
            throw WorkloadError(
                file: path,
                message: "holds \(steps.count) steps, none of them in the part that is taken"
            )
        }
        layers = found.layers.map { layer in
            let index = whole.layers.firstIndex { $0.number == layer.number } ?? 0
            return (taken.isEmpty ? steps[...] : taken).map { step in
                let row = step[index].prefix(model.experts)
                return row + [Double](repeating: 0, count: model.experts - row.count)
            }
        }
        notes = whole.notes.filter { _ in steps.count == 1 } + found.notes
        coactivations = nil
    }

    private static func range(_ part: ClosedRange<Double>, of count: Int) -> Range<Int> {
        let first = Int((part.lowerBound * Double(count)).rounded(.down))
        return first..<Swift.max(first, Int((part.upperBound * Double(count)).rounded(.down)))
    }
}
