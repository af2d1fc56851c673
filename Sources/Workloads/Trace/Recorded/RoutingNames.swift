import Basics
import MoE
import Tensors

/// The names and axes of the tensors that hold recorded routing, as far as a person has given them.
public struct RoutingNames: Equatable, Sendable {
    /// The part of a name that stands for the number of a layer, where each layer has a tensor.
    public static let layerMark = "{layer}"

    /// The names of choices: vLLM and SGLang (`topk_ids`), epsim (`topk_index`), DeepEP and DeepSeek's modeling files
    /// (`topk_idx`, `topk_indices`), gpt-oss (`router_indices`), Mixtral and Qwen in transformers (`selected_experts`),
    /// MegaBlocks (`expert_indices`, `top_experts`), vLLM's outputs (`routed_experts`), and what people write.
    static let ids = [
        "topk_ids", "topk_index", "topk_idx", "topk_indices", "top_k_index", "top_k_indices", "topk_experts",
        "top_experts", "indices", "router_indices", "expert_indices", "expert_ids", "expert_idx", "experts",
        "selected_experts", "routed_experts",
    ]
    /// The names of their weights, in the same programs.
    static let weights = [
        "topk_weights", "topk_weight", "top_k_weights", "topk_scores", "weights", "expert_weights", "routing_weights",
        "router_weights", "gate_weights",
    ]
    /// The names of scores, which are the weights of the choices where there are as many, and else those of all experts.
    static let scores = ["router_probs", "router_scores", "probs", "scores"]

    /// The forms of a name: of a tensor for all layers, or for each, as epsim writes them, and as lists in `.pt` files have
    /// it.
    private static func forms(_ name: String) -> [String] {
        [name, "layers.\(layerMark).\(name)", "\(name).\(layerMark)"]
    }

    /// The name of the choices; nil for one of the usual names, or that of the one tensor of a file.
    public var ids: String?
    /// The name of the weights; nil for the usual name beside the usual name of the choices.
    public var weights: String?
    /// The axes; nil for `[token, k]` or `[token, layer, k]`.
    public var axes: RoutingAxes?

    /// Names, each of which may be left out.
    public init(ids: String? = nil, weights: String? = nil, axes: RoutingAxes? = nil) {
        (self.ids, self.weights, self.axes) = (ids, weights, axes)
    }

    /// True when something is given.
    var isGiven: Bool { self != RoutingNames() }

    /// The tensors of a file that these names mean.
    struct Resolved {
        /// The tensors of one layer, or of all.
        struct Layer {
            let number: Int
            let ids: String
            let weights: String?
        }

        let title: String
        let isPerLayer: Bool
        let layers: [Layer]
        /// What was taken for granted, or passed over, a sentence each.
        var notes: [String] = []
    }

    /// Find the tensors by their names.
    ///
    /// - Throws: ``TensorFileError`` that lists what the file holds when it holds no such tensor, or two of one meaning.
    func resolved(in file: any TensorFile) throws(TensorFileError) -> Resolved {
        let names = Set(file.names)
        let title = if let ids { ids } else { try Self.usualIDs(in: file) }
        let numbers = Self.numbers(title, in: file.names)
        guard let first = numbers.first else {
            let message = "holds no tensor \(Quoted.text(title)); it holds \(Quoted.list(file.names))"
            throw TensorFileError(path: file.path, message: message)
        }
        let weightsTitle =
            if let weights { weights } else {
                try Self.usualWeights(beside: title, Self.name(title, layer: first), in: file)
            }
        var layers: [Resolved.Layer] = []
        for number in numbers {
            let weights = weightsTitle.map { Self.name($0, layer: number) }
            if let weights, !names.contains(weights) {
                let message = "holds no tensor \(Quoted.text(weights)); all layers or no layer must have weights"
                throw TensorFileError(path: file.path, message: message)
            }
            layers.append(.init(number: number, ids: Self.name(title, layer: number), weights: weights))
        }
        var resolved = Resolved(title: title, isPerLayer: title.contains(Self.layerMark), layers: layers)
        if ids == nil, file.names.count == 1, !(file is NpyFile), !resolved.isPerLayer, !Self.ids.contains(title) {
            resolved.notes.append(
                "\(Folder.name(of: file.path)) holds \(Quoted.text(title)) alone, which is taken for the choices"
            )
        }
        let read = Set(layers.flatMap { [$0.ids, $0.weights ?? $0.ids] })
        resolved.notes += Self.unknown(in: file, read)
        return resolved
    }

    /// A note on the tensors whose names sound like routing, and that are not read; none without such.
    private static func unknown(in file: any TensorFile, _ read: Set<String>) -> [String] {
        let others = file.names.filter { name in
            let last = name.split(separator: ".").last { !$0.allSatisfy(\.isNumber) }.map { $0.lowercased() } ?? ""
            return !read.contains(name) && !LabelTensor.isKnown(last) && !last.hasSuffix("bias")
                && !RouterProjection.allCases.contains { $0.tensorName == last }
                && ["expert", "topk", "top_k", "rout", "weight", "prob", "score", "mask"].contains { last.contains($0) }
        }
        guard !others.isEmpty else { return [] }
        return [
            "\(Folder.name(of: file.path)) holds \(Quoted.list(others)), not read; the names that are read are "
                + WordList.all(ids + weights + LabelTensor.masks)
        ]
    }

    private static func usualIDs(in file: any TensorFile) throws(TensorFileError) -> String {
        let found = ids.flatMap(forms).filter { !numbers($0, in: file.names).isEmpty }
        guard found.count <= 1 else { throw twice(found, "--ids", in: file) }
        if let usual = found.first { return usual }
        if let only = file.names.first, file.names.count == 1 { return only }
        let message =
            "holds none of the tensors \(WordList.all(ids)), alone or as layers.0.\(ids[0]); it holds "
            + "\(Quoted.list(file.names)), of which epsim trace convert --ids names the choices"
        throw TensorFileError(path: file.path, message: message)
    }

    /// The weights in the form that the choices have, or nil where there are none.
    private static func usualWeights(
        beside title: String,
        _ first: String,
        in file: any TensorFile
    ) throws(TensorFileError) -> String? {
        guard
            let form = ids.flatMap({ name in forms(name).indices.map { (name, $0) } })
                .first(where: { forms($0.0)[$0.1] == title })?.1
        else { return nil }
        let found = weights.map { forms($0)[form] }.filter { !numbers($0, in: file.names).isEmpty }
        guard found.count <= 1 else { throw twice(found, "--weights", in: file) }
        if let usual = found.first { return usual }
        let shape = try file.tensor(named: first).shape
        for title in scores.map({ forms($0)[form] }) {
            guard let number = numbers(title, in: file.names).first else { continue }
            if try file.tensor(named: name(title, layer: number)).shape == shape { return title }
        }
        return nil
    }

    private static func twice(_ titles: [String], _ option: String, in file: any TensorFile) -> TensorFileError {
        TensorFileError(
            path: file.path,
            message: "holds \(Quoted.list(titles)), which may mean the same, allowed: one of them, or "
                + "epsim trace convert \(option) with the one that is meant"
        )
    }

    /// The tensor with the choices of one layer, or that with their weights, among those with a prefix; nil without one.
    ///
    /// - Throws: ``TensorFileError`` for two.
    static func one(_ names: [String], prefix: String, in file: any TensorFile) throws(TensorFileError) -> String? {
        let held = Set(file.names)
        let found = names.map { prefix + $0 }.filter(held.contains)
        guard found.count <= 1 else {
            let message = "holds \(Quoted.list(found)), which may mean the same, allowed: one of them"
            throw TensorFileError(path: file.path, message: message)
        }
        return found.first
    }

    /// The layers for which there is a tensor, ascending; 0 for a name without the mark that is there.
    static func numbers(_ title: String, in names: [String]) -> [Int] {
        guard let mark = title.firstRange(of: layerMark) else { return names.contains(title) ? [0] : [] }
        let (head, tail) = (title[..<mark.lowerBound], title[mark.upperBound...])
        return names.compactMap { name -> Int? in
            guard name.hasPrefix(head), name.hasSuffix(tail), name.utf8.count > head.utf8.count + tail.utf8.count
            else { return nil }
            let text = name.dropFirst(head.count).dropLast(tail.count)
            guard let number = Int(text), number >= 0, String(number) == text else { return nil }
            return number
        }.sorted()
    }

    private static func name(_ title: String, layer: Int) -> String {
        title.replacing(layerMark, with: "\(layer)")
    }
}
