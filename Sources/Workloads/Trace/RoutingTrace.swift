import Basics
import MoE
import Tensors

/// The tensors of a file that hold recorded choices, in either of two layouts.
///
/// - One tensor for all layers: `topk_ids` [token, layer, k], with `topk_weights` of the same shape or without.
/// - One tensor per layer, as epsim saves them: `layers.<l>.topk_index` [token, k], with `layers.<l>.topk_weight` or
///   without, for any numbers l.
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
    /// The number of each layer in the file, ascending; at least one.
    let numbers: [Int]
    /// Choices per token, k; at least 1. Columns of shared experts are among them.
    let choices: Int

    /// Find the tensors and check that their shapes agree; no data are read.
    init(_ file: any TensorFile) throws(TensorFileError) {
        path = file.path
        if let name = Self.idsName(in: file) {
            let pair = try Self.pair(name, weights: "topk_weights", dimensions: 3, in: file)
            layout = .together(pair)
            (tokens, choices) = (pair.ids.shape[0], pair.ids.shape[2])
            numbers = Array(0..<pair.ids.shape[1])
        } else {
            let (numbers, pairs) = try Self.layerPairs(in: file)
            layout = .perLayer(pairs)
            (tokens, choices) = (pairs[0].ids.shape[0], pairs[0].ids.shape[1])
            self.numbers = numbers
        }
        guard tokens > 0, choices > 0, !numbers.isEmpty else {
            throw TensorFileError(path: path, message: "holds no choices; at least one token with one is needed")
        }
    }

    /// The name of the tensor with the choices of all layers: `topk_ids`, or the one array of a .npy file; nil if there
    /// is none.
    private static func idsName(in file: any TensorFile) -> String? {
        if file.names.contains("topk_ids") { return "topk_ids" }
        return file is NpyFile ? file.names.first : nil
    }

    private static func layerPairs(in file: any TensorFile) throws(TensorFileError) -> ([Int], [Pair]) {
        let numbers = RoutingNames.numbers("layers.\(RoutingNames.layerMark).topk_index", in: file.names)
        var pairs: [Pair] = []
        for number in numbers {
            let prefix = "layers.\(number)"
            let next = try pair("\(prefix).topk_index", weights: "\(prefix).topk_weight", dimensions: 2, in: file)
            if let first = pairs.first { try checkAlike(first, next) }
            pairs.append(next)
        }
        guard pairs.isEmpty else { return (numbers, pairs) }
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
            let tokens = min(next.ids.shape[0], first.ids.shape[0])
            let isRagged = next.ids.shape[0] != first.ids.shape[0] && next.ids.shape[1] == first.ids.shape[1]
            let reason = isRagged ? "; a recording that ended between two layers is cut to \(tokens) tokens in all" : ""
            throw next.ids.error(
                "has shape \(next.ids.shape); \(Quoted.text(first.ids.name)) has \(first.ids.shape), which all must have\(reason)"
            )
        }
        guard (next.weights == nil) == (first.weights == nil) else {
            let found = next.weights == nil ? "has no weights, but layer 0 has" : "has weights, but layer 0 has none"
            throw next.ids.error("\(found); all layers or no layer must have weights")
        }
    }
}

extension RoutingTrace {
    /// Some layers and columns of a trace.
    struct Part: Equatable, Sendable {
        /// The layers, as indices of ``numbers``.
        var layers: [Int]
        /// The columns of choices, ascending.
        var columns: [Int]
    }

    /// Read and check the choices of a range of rows: one record for each layer of a part.
    ///
    /// - Parameter experts: experts of the model; every choice must be below.
    func choices(rows: Range<Int>, _ part: Part, experts: Int) throws(TensorFileError) -> [RecordedChoices] {
        var records: [RecordedChoices] = []
        try forEachLayer(part.layers, rows: rows, weights: true) { (layer, block) throws(TensorFileError) in
            let check = TraceCheck(
                pair: pair(ofLayer: layer),
                layer: numbers[layer],
                choices: part.columns.count,
                experts: experts,
                numbers: Array(rows)
            )
            let ids = columns(part.columns, of: block.ids)
            records.append(try check.record(ids: ids, weights: block.weights.map { columns(part.columns, of: $0) }))
        }
        return records
    }

    /// Give the choices of a range of rows in some layers, `[rows, k]` each, as they stand in the file, from one read.
    ///
    /// - Parameter layers: indices of ``numbers``.
    func forEachLayer(
        _ layers: [Int],
        rows: Range<Int>,
        _ body: (_ layer: Int, _ ids: [Int64]) throws(TensorFileError) -> Void
    ) throws(TensorFileError) {
        try forEachLayer(layers, rows: rows, weights: false) { (layer, block) throws(TensorFileError) in
            try body(layer, block.ids)
        }
    }

    /// Choices, and their weights where there are some.
    private typealias Block = (ids: [Int64], weights: [Float]?)

    private func pair(ofLayer layer: Int) -> Pair {
        switch layout {
        case .together(let pair): pair
        case .perLayer(let pairs): pairs[layer]
        }
    }

    /// Read each number at most once: all layers together where several of one tensor are wanted, one layer alone
    /// otherwise.
    private func forEachLayer(
        _ layers: [Int],
        rows: Range<Int>,
        weights: Bool,
        _ body: (_ layer: Int, _ block: Block) throws(TensorFileError) -> Void
    ) throws(TensorFileError) {
        func block(_ pair: Pair, _ read: Reading) throws(TensorFileError) -> Block {
            let weights = weights ? pair.weights : nil
            return (
                try read.integers(of: pair.ids),
                try weights.map { (view) throws(TensorFileError) in try read.floats(of: view) }
            )
        }
        switch layout {
        case .perLayer(let pairs):
            for layer in layers { try body(layer, block(pairs[layer], .rows(rows))) }
        case .together(let pair) where layers.count > 1:
            let whole = try block(pair, .rows(rows))
            for layer in layers { try body(layer, pick(whole, layer)) }
        case .together(let pair):
            for layer in layers {
                let places = rows.map { row in
                    let start = (row * numbers.count + layer) * choices
                    return start..<start + choices
                }
                try body(layer, block(pair, .parts(places)))
            }
        }
    }

    /// What is read of a tensor: consecutive rows, or parts of its elements.
    private enum Reading {
        case rows(Range<Int>)
        case parts([Range<Int>])

        func integers(of view: TensorView) throws(TensorFileError) -> [Int64] {
            try values(of: view) { (view, rows) throws(TensorFileError) in try view.integers(rows: rows) }
        }

        func floats(of view: TensorView) throws(TensorFileError) -> [Float] {
            try values(of: view) { (view, rows) throws(TensorFileError) in try view.floats(rows: rows) }
        }

        private func values<Value>(
            of view: TensorView,
            _ read: (TensorView, Range<Int>) throws(TensorFileError) -> [Value]
        ) throws(TensorFileError) -> [Value] {
            switch self {
            case .rows(let rows): return try read(view, rows)
            case .parts(let parts):
                let flat = view.flat
                var values: [Value] = []
                values.reserveCapacity(parts.reduce(0) { $0 + $1.count })
                for part in parts { values += try read(flat, part) }
                return values
            }
        }
    }

    /// The part of one layer of choices `[token, layer, k]`.
    private func pick(_ block: Block, _ layer: Int) -> Block {
        func pick<Value>(_ values: [Value]) -> [Value] {
            stride(from: layer * choices, to: values.count, by: numbers.count * choices)
                .flatMap { values[$0..<$0 + choices] }
        }
        return (pick(block.ids), block.weights.map(pick))
    }

    /// Some columns of values `[token, k]`.
    private func columns<Value>(_ columns: [Int], of values: [Value]) -> [Value] {
        guard columns.count < choices else { return values }
        return stride(from: 0, to: values.count, by: choices).flatMap { row in columns.map { values[row + $0] } }
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
    /// The numbers of the tokens, as rows of the trace.
    let numbers: [Int]

    /// Check the choices of the tokens, and return them as the record that a router takes.
    ///
    /// - Parameters:
    ///   - ids: `[tokens * choices]`; -1 is no choice.
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
                        + hint(ids, index / choices)
                )
            }
            lastToken[Int(id)] = index / choices
        }
        if let weights, let index = weights.firstIndex(where: { !$0.isFinite }), let view = pair.weights {
            throw view.error("\(place(index)): weight \(weights[index]); finite numbers are allowed")
        }
        return RecordedChoices(choicesPerToken: choices, experts: ids.map { Int32($0) }, weights: weights)
    }

    /// What a row of zeros alone comes from.
    private func hint(_ ids: [Int64], _ token: Int) -> String {
        guard ids[token * choices..<(token + 1) * choices].allSatisfy({ $0 == 0 }) else { return "" }
        return
            "; zeros alone are what engines leave where nothing was routed: in dense layers, which workload.layers leaves "
            + "out, and in tokens behind the last, which token_mask leaves out"
    }

    private func place(_ index: Int) -> String {
        "token \(numbers[index / choices]), layer \(layer)"
    }
}
