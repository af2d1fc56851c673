import Basics
import MoE
import Tensors

/// The tensors of a file that hold recorded choices, in either of two layouts, by the names of ``RoutingNames``.
///
/// - One tensor for all layers: `topk_ids` [token, layer, k], with `topk_weights` of the same shape or without.
/// - One tensor per layer, as epsim saves them: `layers.<l>.topk_index` [token, k], with `layers.<l>.topk_weight` or
///   without, for any numbers l; or a tensor for all whose layers come first.
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

    /// What was taken for granted of the file, a sentence each.
    let notes: [String]

    /// Find the tensors and check that their shapes agree; no data are read.
    ///
    /// - Parameters:
    ///   - layers: those of the model.
    ///   - order: the order of the axes of a tensor for all layers, or nil for what file and model tell.
    init(_ file: any TensorFile, layers: Int, order: TraceOrder? = nil) throws(TensorFileError) {
        path = file.path
        let found = try RoutingNames().resolved(in: file)
        let batch = try LabelTensor.batchShape(in: file)
        var notes = found.notes
        if found.isPerLayer {
            guard order == nil else {
                let message = "has a tensor for each layer; workload.axes is for one with the choices of all"
                throw TensorFileError(path: file.path, message: message)
            }
            var pairs: [Pair] = []
            for layer in found.layers {
                let next = try Self.pair(layer.ids, layer.weights, dimensions: [2], batch, in: file)
                if let first = pairs.first { try Self.checkAlike(first, next) }
                pairs.append(next)
            }
            (layout, numbers) = (.perLayer(pairs), found.layers.map(\.number))
        } else {
            let pair = try Self.pair(found.layers[0].ids, found.layers[0].weights, dimensions: [2, 3], batch, in: file)
            if pair.ids.shape.count == 2 {
                (layout, numbers) = (.perLayer([pair]), [0])
            } else {
                let axes: RoutingAxes
                switch order {
                case .tokenFirst?: axes = .tokenFirst
                case .layerFirst?: axes = .layerFirst
                case nil:
                    let assumed = try AssumedAxes(of: pair.ids, in: file, layers: layers, key: "workload.axes")
                    axes = assumed.axes
                    notes += [assumed.note].compactMap(\.self)
                }
                if axes == .layerFirst {
                    let count = pair.ids.rows
                    guard count <= RoutingShape.mostLayers else {
                        let message =
                            "has shape \(pair.ids.shape) as \(axes.text), allowed: at most \(RoutingShape.mostLayers) layers"
                        throw pair.ids.error(message)
                    }
                    numbers = Array(0..<count)
                    layout = .perLayer(numbers.map { Pair(ids: pair.ids.part($0), weights: pair.weights?.part($0)) })
                } else {
                    (layout, numbers) = (.together(pair), Array(0..<pair.ids.shape[1]))
                }
            }
        }
        self.notes = notes
        switch layout {
        case .together(let pair): (tokens, choices) = (pair.ids.shape[0], pair.ids.shape[2])
        case .perLayer(let pairs): (tokens, choices) = pairs.first.map { ($0.ids.shape[0], $0.ids.shape[1]) } ?? (0, 0)
        }
        guard tokens > 0, choices > 0, !numbers.isEmpty else {
            throw TensorFileError(path: path, message: "holds no choices; at least one token with one is needed")
        }
    }

    /// The choices of one layer or of all, and their weights where the file has them.
    ///
    /// - Parameters:
    ///   - dimensions: 2 for `[token, k]`, 3 for `[token, layer, k]`; either, where both are given.
    ///   - batch: the shape `[sequence, position]` of the tokens, which the tensors may have in place of `[token]`.
    static func pair(
        _ ids: String,
        _ weights: String?,
        dimensions: [Int],
        _ batch: [Int]?,
        in file: any TensorFile
    ) throws(TensorFileError) -> Pair {
        let choices = try file.tensor(named: ids).withTokenRows(batch)
        guard dimensions.contains(choices.shape.count), !choices.dtype.isFloatingPoint, choices.dtype != .bool else {
            let needed = dimensions.map { $0 == 3 ? "[token, layer, k]" : "[token, k]" }.joined(separator: " or ")
            let found = "has shape \(choices.shape) of \(choices.dtype.rawValue)"
            throw choices.error("\(found); \(needed) of integers is needed")
        }
        guard let weights else { return Pair(ids: choices, weights: nil) }
        let values = try file.tensor(named: weights).withTokenRows(batch)
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
    /// The least weight that a choice may have.
    var lowestWeight: Float = 0

    /// Check the choices of the tokens, and return them as the record that a router takes.
    ///
    /// - Parameters:
    ///   - ids: `[tokens * choices]`; -1 is no choice.
    ///   - weights: as many, or nil.
    /// - Throws: `TensorFileError` for an expert that the model has not, one that is chosen twice by one token, or a
    ///   weight that is not finite, or below the lowest.
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
        if let weights, let view = pair.weights,
            let index = weights.firstIndex(where: { !$0.isFinite || $0 < lowestWeight })
        {
            throw view.error("\(place(index)): \(RoutingFault.weight("\(weights[index])", from: lowestWeight))")
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
