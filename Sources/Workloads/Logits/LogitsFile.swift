import Basics
import MoE
import Tensors

/// Recorded router logits of one layer or several, with whatever else a router reads.
///
/// The logits of layer l are `layers.<l>.router_logits` `[token, expert]`, any l, or one tensor `router_logits`. The
/// further tensors of a layer have the same prefix: the other projections (``RouterProjection/tensorName``), the biases
/// `selection_bias` (or `e_score_correction_bias`), `gate_bias` and `thresholds` `[expert]`, and recorded choices
/// `topk_index`, `topk_weight` and `kept` `[token, k]`. `token_ids` (or `input_ids`) and `sequence_lengths` may stand
/// without a prefix, for all layers.
public struct LogitsFile: Sendable {
    /// The layers, by number; at least one.
    public let layers: [LogitsLayer]
    /// Tokens of each layer, T; at least 1.
    public let tokens: Int
    /// Experts of each layer, E; at least 1.
    public let experts: Int

    let file: any TensorFile
    let labels: TokenLabels

    /// Finds the layers of a file and reads the labels of its tokens; logits are read later.
    ///
    /// - Parameters:
    ///   - path: a .safetensors or .npy file.
    ///   - tensor: another name in place of `router_logits`, with or without `layers.<l>.` before it.
    ///   - sequenceTokens: cuts each step into sequences of so many tokens, whatever the file says; nil for the file's.
    /// - Throws: ``WorkloadError`` for a file that cannot be read or holds no logits, layers of different shapes, or ids
    ///   or sequences that are not those of the tokens.
    public init(path: String, tensor: String? = nil, sequenceTokens: Int? = nil) throws(WorkloadError) {
        do throws(TensorFileError) {
            file = try openTensorFile(path)
            layers = try Self.layers(of: file, named: tensor)
            tokens = layers[0].logits.rows
            experts = layers[0].logits.elementsPerRow
            labels = try TokenLabels(file, prefix: layers[0].prefix, tokens: tokens, sequenceTokens: sequenceTokens)
        } catch {
            throw WorkloadError(error)
        }
    }

    /// The file, as the caller named it.
    public var path: String { file.path }

    /// How often each vocabulary id occurs in the file, by id; nil where tokens have none.
    public var tokenFrequencies: [Double]? { labels.frequencies }

    /// The vocabulary ids of all tokens; nil where they have none.
    public var tokenIDs: [Int32]? { labels.ids }

    /// The lengths of the sequences that the tokens of some steps form, one step after the other; nil where nothing is
    /// known of sequences.
    public func sequenceLengths(of steps: [Range<Int>]) -> [Int32]? {
        let lengths = steps.compactMap { labels.cut.lengths(from: $0.lowerBound, count: $0.count) }
        return lengths.isEmpty ? nil : lengths.joined().map { Int32($0) }
    }

    /// True when the layer has a tensor of that name.
    public func has(_ name: String, layer: LogitsLayer) -> Bool {
        file.names.contains(layer.prefix + name)
    }

    private static func layers(of file: any TensorFile, named tensor: String?) throws(TensorFileError) -> [LogitsLayer]
    {
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
            let layer = LogitsLayer(number: number, logits: try file.tensor(named: name))
            try layer.checkShape()
            if let first = layers.first, first.logits.shape != layer.logits.shape {
                let sentence = "all layers must have the shape \(first.logits.shape) of \(Quoted.text(first.tensor))"
                throw layer.logits.error("has shape \(layer.logits.shape); \(sentence)")
            }
            layers.append(layer)
        }
        return layers
    }

    /// The tensors `layers.<l>.name` by l.
    private static func numberedNames(in file: any TensorFile, _ name: String) -> [(number: Int, name: String)] {
        file.names.compactMap { held in
            guard let number = layerNumber(held), held == "layers.\(number).\(name)" else { return nil }
            return (number, held)
        }.sorted { $0.number < $1.number }
    }

    /// The l of `layers.<l>.` at the beginning of a name.
    private static func layerNumber(_ name: String) -> Int? {
        let parts = name.split(separator: ".", maxSplits: 2)
        guard parts.count == 3, parts[0] == "layers", let number = Int(parts[1]), number >= 0 else { return nil }
        return number
    }
}
