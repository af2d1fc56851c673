import Basics
public import MoE
public import Tensors

/// Recorded router logits of one layer or several, with whatever else a router reads.
///
/// The logits of layer l are `layers.<l>.router_logits` `[token, expert]`, any l, or one tensor `router_logits`. The
/// further tensors of a layer have the same prefix: the other projections (`RouterProjection/tensorName`), the biases
/// `selection_bias` (or `e_score_correction_bias`), `gate_bias` and `thresholds` `[expert]`, and recorded choices
/// `topk_index`, `topk_weight` and `kept` `[token, k]`. `token_ids` (or `input_ids`), `sequence_lengths` (or `seq_lens`)
/// and the masks `attention_mask` and `token_mask` may stand without a prefix, for all layers. Padding is not read:
/// tokens are counted without it. Where a mask or ids have the shape [sequence, position], that may stand for [token].
public struct LogitsFile: Sendable {
    /// The layers, by number; at least one.
    public let layers: [LogitsLayer]
    /// Tokens of each layer without padding, T; at least 1.
    public let tokens: Int
    /// Experts of each layer, E; at least 1.
    public let experts: Int

    let file: any TensorFile
    let labels: TokenLabels
    /// The shape `[sequence, position]` of the tokens, which tensors may have in place of `[token]`; nil where none is told.
    private let batch: [Int]?

    /// Find the layers of a file and read the labels of its tokens; logits are read later.
    ///
    /// - Parameters:
    ///   - path: a .safetensors, .npz or .npy file.
    ///   - tensor: another name in place of `router_logits`, with or without `layers.<l>.` before it.
    ///   - sequenceTokens: cuts each step into sequences of so many tokens, whatever the file says; nil for the file's.
    /// - Throws: ``WorkloadError`` for a file that cannot be read or holds no logits, layers of different shapes, or
    ///   ids or sequences that are not those of the tokens.
    public init(path: String, tensor: String? = nil, sequenceTokens: Int? = nil) throws(WorkloadError) {
        do throws(TensorFileError) {
            file = try openTensorFile(path)
            batch = try LabelTensor.batchShape(in: file)
            layers = try Self.layers(of: file, named: tensor, batch)
            experts = layers[0].logits.elementsPerRow
            labels = try TokenLabels(
                file,
                prefix: layers[0].prefix,
                tokens: layers[0].logits.rows,
                sequenceTokens: sequenceTokens
            )
            tokens = labels.kept.count
        } catch {
            throw WorkloadError(error)
        }
    }

    /// The file, as the caller named it.
    public var path: String { file.path }

    /// The number of occurrences of each vocabulary id in the file, `[vocabulary]`; nil where tokens have none.
    public var tokenFrequencies: [Double]? { labels.frequencies }

    /// The vocabulary ids of all tokens; nil where they have none.
    public var tokenIDs: [Int32]? { labels.ids }

    /// What was left out as padding, or nil for nothing.
    public var paddingNote: String? { labels.kept.note }

    /// The last parts of the names under which recorded files hold what routers read and choose.
    static let known =
        RouterProjection.allCases.map(\.tensorName) + selectionBias
        + ["gate_bias", "thresholds", "router_bias", "correction_bias", "kept"]
        + RoutingNames.ids + RoutingNames.weights + RoutingNames.scores
    private static let selectionBias = ["selection_bias", "e_score_correction_bias"]

    /// The tensors of the file that are known to say something of routing, and that no router or not this one reads.
    ///
    /// - Parameter router: reads its projections; those of others are left.
    public func unread(by router: some Router) -> [String] {
        let others = RouterProjection.allCases.filter { $0 != .gate && !router.projections.contains($0) }
        let thresholds = router is StrictlyBalancedRouter ? [] : ["thresholds"]
        let gateBias = router.readsGateBias ? [] : ["gate_bias"]
        let known =
            others.map(\.tensorName) + thresholds + gateBias
            + ["router_bias", "correction_bias"] + RoutingNames.scores
        // Choices are read beside the logits of their layer.
        let choices =
            layers[0].prefix.isEmpty ? [] : (RoutingNames.ids + RoutingNames.weights).filter(file.names.contains)
        return LabelTensor.unread(in: file, prefix: layers[0].prefix) + choices
            + known.filter { name in
                file.names.contains(name) || layers.contains { has(name, layer: $0) }
            }
    }

    /// The keys of a `.safetensors` file's metadata that say in which number type the router's scores were computed.
    private static let precisionKeys = ["router_dtype", "dtype", "torch_dtype"]

    /// The precision in which the scores of a layer were computed: what the file's metadata say, else that of the logits.
    ///
    /// - Throws: ``WorkloadError`` for metadata that name no precision.
    public func precision(layer: LogitsLayer) throws(WorkloadError) -> ScorePrecision {
        try saidPrecision(Self.precisionKeys) ?? ScorePrecision(layer.logits.dtype)
    }

    /// The precision of the recorded weights: what the file's metadata say, else the lowest of all layers; single where
    /// there are none.
    ///
    /// - Throws: ``WorkloadError`` for metadata that name no precision.
    public func weightPrecision() throws(WorkloadError) -> ScorePrecision {
        if let said = try saidPrecision(["weight_dtype"]) { return said }
        let dtypes = layers.compactMap { try? tensor("topk_weight", $0).dtype }
        return dtypes.map { ScorePrecision($0) }.max { $0.weightTolerance < $1.weightTolerance } ?? .f32
    }

    /// The precision under the first of some keys that the file's metadata have, or nil where they have none of them.
    private func saidPrecision(_ keys: [String]) throws(WorkloadError) -> ScorePrecision? {
        let metadata = (file as? SafetensorsFile)?.metadata ?? [:]
        guard let key = keys.first(where: { metadata[$0] != nil }), let text = metadata[key] else { return nil }
        if let precision = ScorePrecision(named: text) { return precision }
        throw WorkloadError(
            file: path,
            message: "metadata \(Quoted.text(key)): found \(Quoted.text(text)), allowed: float32, bfloat16 or float16"
        )
    }

    /// The number of a token among the rows of the file, padding among them.
    public func row(ofToken token: Int) -> Int { labels.kept.row(of: token) }

    /// The lengths of the sequences that the tokens of some steps form, one step after the other; nil where nothing is
    /// known of sequences.
    public func sequenceLengths(of steps: [Range<Int>]) -> [Int32]? {
        let lengths = steps.compactMap { labels.cut.lengths(from: $0.lowerBound, count: $0.count) }
        return lengths.isEmpty ? nil : lengths.joined().map { Int32($0) }
    }

    /// True when the layer has recorded choices, under any of their names.
    public func hasChoices(layer: LogitsLayer) -> Bool {
        RoutingNames.ids.contains { has($0, layer: layer) }
    }

    /// The name of the tensor with the recorded choices of a layer, or nil; those of all layers have three dimensions.
    private func choicesName(layer: LogitsLayer) throws(TensorFileError) -> String? {
        try RoutingNames.one(RoutingNames.ids, prefix: layer.prefix, in: file)
    }

    /// True when the layer has a tensor of that name.
    public func has(_ name: String, layer: LogitsLayer) -> Bool {
        file.names.contains(layer.prefix + name)
    }

    private static func layers(
        of file: any TensorFile,
        named tensor: String?,
        _ batch: [Int]?
    ) throws(TensorFileError) -> [LogitsLayer] {
        let name = tensor ?? RouterProjection.gate.tensorName
        let numbered = numberedNames(in: file, name)
        let isAlone = file.names.contains(name)
        if isAlone, tensor == nil, let first = numbered.first {
            let found = "holds both \(Quoted.text(name)) and \(Quoted.text(first.name))"
            throw TensorFileError(path: file.path, message: "\(found); name the tensor to be routed")
        }
        let names = isAlone ? [(number: layerNumber(name) ?? 0, name: name)] : numbered
        guard !names.isEmpty else {
            let message = "holds neither \(Quoted.text(name)) nor \(Quoted.text("layers.0.\(name)")); it holds "
            throw TensorFileError(path: file.path, message: message + Quoted.list(file.names))
        }
        var layers: [LogitsLayer] = []
        for (number, name) in names {
            let layer = LogitsLayer(number: number, logits: try file.tensor(named: name).withTokenRows(batch))
            try layer.checkShape()
            if let first = layers.first, first.logits.shape != layer.logits.shape {
                let sentence = "all layers must have the shape \(first.logits.shape) of \(Quoted.text(first.tensor))"
                throw layer.logits.error("has shape \(layer.logits.shape); \(sentence)")
            }
            layers.append(layer)
        }
        return layers
    }

    /// The tensors `layers.<l>.name`, in ascending order of l.
    private static func numberedNames(in file: any TensorFile, _ name: String) -> [(number: Int, name: String)] {
        file.names.compactMap { held in
            guard let number = layerNumber(held), held == "layers.\(number).\(name)" else { return nil }
            return (number, held)
        }.sorted { $0.number < $1.number }
    }

    /// The number l of `layers.<l>.` at the beginning of a name.
    private static func layerNumber(_ name: String) -> Int? {
        let parts = name.split(separator: ".", maxSplits: 2)
        guard parts.count == 3, parts[0] == "layers", let number = Int(parts[1]), number >= 0 else { return nil }
        return number
    }
}

extension LogitsFile {
    /// The input of a router for some tokens of a layer.
    ///
    /// - Parameters:
    ///   - step: the number of the step.
    ///   - rows: the tokens; a sequence that goes beyond them counts with the part that is among them.
    ///   - random: the random numbers of this (seed, step, layer).
    /// - Throws: ``WorkloadError`` that names the tensor which the router reads and the file lacks, or one whose shape
    ///   or values are not usable.
    public func batch(
        layer: LogitsLayer,
        step: Int = 0,
        rows: Range<Int>,
        for router: any Router,
        random: CounterRandom
    ) throws(WorkloadError) -> RouterBatch {
        var projections: [Matrix] = []
        for projection in router.projections {
            projections.append(try matrix(of: projection, layer: layer, rows: rows))
        }
        return RouterBatch(
            tokens: rows.count,
            experts: experts,
            projections: projections,
            recorded: try recordedChoices(layer: layer, rows: rows),
            tokenIDs: labels.ids(of: rows),
            sequenceLengths: labels.cut.lengths(from: rows.lowerBound, count: rows.count),
            step: step,
            layer: layer.number,
            random: random
        )
    }

    /// The state of a router in a layer before its first step: biases and thresholds of the file.
    ///
    /// - Throws: ``WorkloadError`` for a bias that does not have one finite number per expert.
    public func state(layer: LogitsLayer) throws(WorkloadError) -> RouterState {
        RouterState(
            selectionBias: try perExpert(Self.selectionBias, layer),
            gateBias: try perExpert(["gate_bias"], layer),
            thresholds: try perExpert(["thresholds"], layer)
        )
    }

    /// The choices that were recorded for some tokens of a layer; nil when the file has no choices there.
    ///
    /// - Throws: ``WorkloadError`` for choices that are impossible, or are not those of all tokens.
    public func recordedChoices(layer: LogitsLayer, rows: Range<Int>) throws(WorkloadError) -> RecordedChoices? {
        do throws(TensorFileError) {
            guard let name = try choicesName(layer: layer) else { return nil }
            let weightsName = try RoutingNames.one(RoutingNames.weights, prefix: layer.prefix, in: file)
            let pair = try RoutingTrace.pair(name, weightsName, dimensions: [2], batch, in: file)
            try checkTokens(pair.ids)
            guard pair.ids.elementsPerRow > 0 else { throw pair.ids.error("has no column; at least one is needed") }
            let check = TraceCheck(
                pair: pair,
                layer: layer.number,
                choices: pair.ids.elementsPerRow,
                experts: experts,
                numbers: Array(labels.kept.rows(rows).joined()),
                // Routers that weigh by the logit itself have others, too.
                lowestWeight: -.infinity
            )
            let ids = try read(rows) { (rows) throws(TensorFileError) in try pair.ids.integers(rows: rows) }
            let weights = try pair.weights.map { (view) throws(TensorFileError) in
                try read(rows) { (rows) throws(TensorFileError) in try view.floats(rows: rows) }
            }
            return try check.record(ids: ids, weights: weights)
        } catch {
            throw WorkloadError(error)
        }
    }

    /// Whether the recorded choices of some tokens were sent to their experts; nil when the file has no `kept` there.
    ///
    /// - Throws: ``WorkloadError`` when there is not one integer or truth value per choice.
    public func recordedKept(layer: LogitsLayer, rows: Range<Int>) throws(WorkloadError) -> [Bool]? {
        do throws(TensorFileError) {
            guard let ids = try choicesName(layer: layer), has("kept", layer: layer) else { return nil }
            let (index, kept) = (try file.tensor(named: ids).withTokenRows(batch), try tensor("kept", layer))
            guard kept.rows == index.rows, kept.elementsPerRow == index.elementsPerRow else {
                throw kept.error(
                    "has shape \(kept.shape); shape \(index.shape) is needed, as of \(Quoted.text(index.name))"
                )
            }
            return try read(rows) { (rows) throws(TensorFileError) in
                if kept.dtype == .bool { return try kept.bytes(rows: rows).map { $0 != 0 } }
                return try kept.integers(rows: rows).map { $0 != 0 }
            }
        } catch {
            throw WorkloadError(error)
        }
    }

    private func matrix(
        of projection: RouterProjection,
        layer: LogitsLayer,
        rows: Range<Int>
    ) throws(WorkloadError) -> Matrix {
        do throws(TensorFileError) {
            let view = projection == .gate ? layer.logits : try tensor(projection.tensorName, layer)
            guard view.shape.count == 2, view.dtype.isFloatingPoint else {
                let found = "has shape \(view.shape) of \(view.dtype.rawValue)"
                throw view.error("\(found); [token, column] of real numbers is needed")
            }
            try checkTokens(view)
            let values = try read(rows) { (rows) throws(TensorFileError) in try view.floats(rows: rows) }
            return Matrix(rows: rows.count, columns: view.elementsPerRow, values: values)
        } catch {
            throw WorkloadError(error)
        }
    }

    /// One number per expert from the first of these tensors that the layer has, or no numbers where it has none of
    /// them.
    private func perExpert(_ names: [String], _ layer: LogitsLayer) throws(WorkloadError) -> [Float] {
        guard let name = names.first(where: { has($0, layer: layer) }) else { return [] }
        do throws(TensorFileError) {
            let view = try tensor(name, layer)
            guard view.shape == [experts] else {
                throw view.error("has shape \(view.shape); [\(experts)] is needed, one number per expert")
            }
            let values = try view.floats(rows: 0..<experts)
            if let expert = values.firstIndex(where: { !$0.isFinite }) {
                throw view.error("is \(values[expert]) for expert \(expert); finite numbers are allowed")
            }
            return values
        } catch {
            throw WorkloadError(error)
        }
    }

    private func tensor(_ name: String, _ layer: LogitsLayer) throws(TensorFileError) -> TensorView {
        guard has(name, layer: layer) else {
            let message = "holds no \(Quoted.text(layer.prefix + name)), which the router reads; it holds "
            throw TensorFileError(path: path, message: message + Quoted.list(file.names))
        }
        return try file.tensor(named: layer.prefix + name).withTokenRows(batch)
    }

    /// The values of some tokens, of which padding stands between.
    private func read<Value>(
        _ tokens: Range<Int>,
        _ values: (Range<Int>) throws(TensorFileError) -> [Value]
    ) throws(TensorFileError) -> [Value] {
        var all: [Value] = []
        for rows in labels.kept.rows(tokens) { all += try values(rows) }
        return all
    }

    private func checkTokens(_ view: TensorView) throws(TensorFileError) {
        let rows = labels.kept.total
        guard view.rows == rows else {
            throw view.error("has \(view.rows) rows; \(Quoted.text(layers[0].tensor)) has \(rows), one per token")
        }
    }
}

/// One layer of a ``LogitsFile``.
public struct LogitsLayer: Sendable {
    /// The layer's number, as it stands in the tensor's name, or 0 when the name has none.
    public let number: Int
    /// The logits, `[token, expert]`.
    let logits: TensorView
    /// The tensor's name without its last part; the layer's other tensors have this prefix, too.
    let prefix: String

    init(number: Int, logits: TensorView) {
        self.number = number
        self.logits = logits
        let lastPart = logits.name.lastIndex(of: ".").map { logits.name.index(after: $0) } ?? logits.name.startIndex
        prefix = String(logits.name[..<lastPart])
    }

    /// The name of the tensor with the logits.
    public var tensor: String { logits.name }

    func checkShape() throws(TensorFileError) {
        guard logits.shape.count == 2, logits.dtype.isFloatingPoint else {
            let found = "has shape \(logits.shape) of \(logits.dtype.rawValue)"
            let hint =
                logits.shape.count == 3
                ? LabelTensor.batchHint("expert") + "; several layers are layers.0.router_logits and so on" : ""
            throw logits.error("\(found); [token, expert] of real numbers is needed\(hint)")
        }
        guard logits.rows > 0, logits.elementsPerRow > 0 else {
            throw logits.error("has shape \(logits.shape); at least one token and one expert are needed")
        }
    }
}
