import MoE
import Tensors

/// The tensors of a file that hold recorded choices, in either of two layouts.
///
/// - One tensor for all layers: `topk_ids` [token, layer, k], with `topk_weights` of the same shape or without.
/// - One tensor per layer, as epsim saves them: `layers.<l>.topk_index` [token, k], with `layers.<l>.topk_weight` or
///   without, l from 0.
struct RoutingTrace: Sendable {
    /// The tensor of expert choices, and that of their gate weights if recorded, of one layer or of all.
    struct Pair: Sendable {
        let ids: TensorView
        let weights: TensorView?
    }

    enum Layout: Sendable {
        case together(Pair)
        case perLayer([Pair])
    }

    let layout: Layout
    let path: String
    /// Tokens of the trace; at least 1.
    let tokens: Int
    /// Layers of the trace.
    let layers: Int
    /// Choices per token, k; at least 1.
    let choices: Int

    /// Find the tensors and check that their shapes agree; no data are read.
    init(_ file: any TensorFile) throws(TensorFileError) {
        path = file.path
        if let name = Self.idsName(in: file) {
            let pair = try Self.pair(name, weights: "topk_weights", dimensions: 3, in: file)
            layout = .together(pair)
            (tokens, layers, choices) = (pair.ids.shape[0], pair.ids.shape[1], pair.ids.shape[2])
        } else {
            let pairs = try Self.layerPairs(in: file)
            layout = .perLayer(pairs)
            (tokens, layers, choices) = (pairs[0].ids.shape[0], pairs.count, pairs[0].ids.shape[1])
        }
        guard tokens > 0, choices > 0 else {
            throw TensorFileError(path: path, message: "holds no choices; at least one token with one is needed")
        }
    }

    /// The name of the tensor with the choices of all layers: `topk_ids`, or the one array of a .npy file; nil if there
    /// is none.
    private static func idsName(in file: any TensorFile) -> String? {
        if file.names.contains("topk_ids") { return "topk_ids" }
        return file is NpyFile ? file.names.first : nil
    }

    private static func layerPairs(in file: any TensorFile) throws(TensorFileError) -> [Pair] {
        let names = Set(file.names)
        var pairs: [Pair] = []
        while names.contains("layers.\(pairs.count).topk_index") {
            let prefix = "layers.\(pairs.count)"
            let next = try pair("\(prefix).topk_index", weights: "\(prefix).topk_weight", dimensions: 2, in: file)
            if let first = pairs.first { try checkAlike(first, next) }
            pairs.append(next)
        }
        guard pairs.isEmpty else { return pairs }
        let message = "holds neither \"topk_ids\" nor \"layers.0.topk_index\"; a trace has one of them"
        throw TensorFileError(path: file.path, message: message)
    }

    /// The choices of one layer or of all, and their weights where the file has them.
    ///
    /// - Parameter dimensions: 2 for `[token, k]`, 3 for `[token, layer, k]`.
    static func pair(
        _ ids: String,
        weights: String,
        dimensions: Int,
        in file: any TensorFile
    ) throws(TensorFileError) -> Pair {
        let choices = try file.tensor(named: ids)
        guard choices.shape.count == dimensions, !choices.dtype.isFloatingPoint, choices.dtype != .bool else {
            let needed = dimensions == 3 ? "[token, layer, k]" : "[token, k]"
            let found = "has shape \(choices.shape) of \(choices.dtype.rawValue)"
            throw choices.error("\(found); \(needed) of integers is needed")
        }
        guard file.names.contains(weights) else { return Pair(ids: choices, weights: nil) }
        let values = try file.tensor(named: weights)
        guard values.shape == choices.shape, values.dtype.isFloatingPoint else {
            let found = "has shape \(values.shape) of \(values.dtype.rawValue)"
            throw values.error("\(found); shape \(choices.shape) of real numbers is needed, as of \"\(ids)\"")
        }
        return Pair(ids: choices, weights: values)
    }

    private static func checkAlike(_ first: Pair, _ next: Pair) throws(TensorFileError) {
        guard next.ids.shape == first.ids.shape else {
            throw next.ids.error("has shape \(next.ids.shape); layer 0 has \(first.ids.shape), which all must have")
        }
        guard (next.weights == nil) == (first.weights == nil) else {
            let found = next.weights == nil ? "has no weights, but layer 0 has" : "has weights, but layer 0 has none"
            throw next.ids.error("\(found); all layers or no layer must have weights")
        }
    }
}

extension RoutingTrace {
    /// Read and check the choices of a range of tokens: one record for each layer of a range.
    ///
    /// - Parameter experts: experts of the model; every choice must be below.
    func choices(rows: Range<Int>, layers: Range<Int>, experts: Int) throws(TensorFileError) -> [RecordedChoices] {
        switch layout {
        case .together(let pair):
            let ids = try split(pair.ids.integers(rows: rows), layers: layers)
            let weights = try pair.weights.map { (view) throws(TensorFileError) in
                try split(view.floats(rows: rows), layers: layers)
            }
            var records: [RecordedChoices] = []
            for (index, layer) in layers.enumerated() {
                let check = TraceCheck(pair: pair, layer: layer, choices: choices, experts: experts, rows: rows)
                records.append(try check.record(ids: ids[index], weights: weights?[index]))
            }
            return records
        case .perLayer(let pairs):
            var records: [RecordedChoices] = []
            for layer in layers {
                let pair = pairs[layer]
                let check = TraceCheck(pair: pair, layer: layer, choices: choices, experts: experts, rows: rows)
                let weights = try pair.weights.map { (view) throws(TensorFileError) in try view.floats(rows: rows) }
                records.append(try check.record(ids: pair.ids.integers(rows: rows), weights: weights))
            }
            return records
        }
    }

    /// Split values [token, layer, k] into one array [token, k] for each layer of a range.
    private func split<Value>(_ values: [Value], layers: Range<Int>) -> [[Value]] {
        let stride = self.layers * choices
        return layers.map { layer in
            Swift.stride(from: layer * choices, to: values.count, by: stride).flatMap { values[$0..<$0 + choices] }
        }
    }
}

/// The check of the choices of some tokens in one layer, before a router takes them.
struct TraceCheck {
    let pair: RoutingTrace.Pair
    let layer: Int
    /// Choices per token, k.
    let choices: Int
    /// Experts of the model, E.
    let experts: Int
    /// The tokens, as rows of the trace.
    let rows: Range<Int>

    /// Check the choices of the tokens, and return them as the record that a router takes.
    ///
    /// - Parameters:
    ///   - ids: `[rows.count * choices]`; -1 is no choice.
    ///   - weights: as many, or nil.
    /// - Throws: `TensorFileError` for an expert that the model has not, one that is chosen twice by one token, or a
    ///   weight that is infinite or not a number.
    func record(ids: [Int64], weights: [Float]?) throws(TensorFileError) -> RecordedChoices {
        var lastToken = [Int](repeating: -1, count: experts)
        for (index, id) in ids.enumerated() where id != Int64(ChoiceRows.none) {
            guard id >= 0, id < Int64(experts) else {
                throw pair.ids.error(
                    "\(place(index)): expert \(id) is outside 0..<\(experts), the experts of the model; "
                        + "-1 stands for no choice"
                )
            }
            guard lastToken[Int(id)] != index / choices else {
                throw pair.ids.error(
                    "\(place(index)): expert \(id) is chosen twice; the experts of a token must differ"
                )
            }
            lastToken[Int(id)] = index / choices
        }
        if let weights, let index = weights.firstIndex(where: { !$0.isFinite }), let view = pair.weights {
            throw view.error("\(place(index)): weight \(weights[index]); finite numbers are allowed")
        }
        return RecordedChoices(choicesPerToken: choices, experts: ids.map { Int32($0) }, weights: weights)
    }

    private func place(_ index: Int) -> String {
        "token \(rows.lowerBound + index / choices), layer \(layer)"
    }
}
