import Basics
import Tensors

/// The names and axes of the tensors that hold recorded routing, as far as a person has given them.
public struct RoutingNames: Equatable, Sendable {
    /// The part of a name that stands for the number of a layer, where each layer has a tensor.
    public static let layerMark = "{layer}"
    /// The usual names: of all layers, as vLLM calls them, and of each layer, as epsim writes them.
    private static let usual = [
        (ids: "topk_ids", weights: "topk_weights"),
        (ids: "layers.\(layerMark).topk_index", weights: "layers.\(layerMark).topk_weight"),
    ]

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
    }

    /// Find the tensors by their names.
    ///
    /// - Throws: ``TensorFileError`` that lists what the file holds when it holds no such tensor.
    func resolved(in file: any TensorFile) throws(TensorFileError) -> Resolved {
        let names = Set(file.names)
        let title = if let ids { ids } else { try Self.usualIDs(in: file) }
        let numbers = Self.numbers(title, in: file.names)
        guard !numbers.isEmpty else {
            let message = "holds no tensor \(Quoted.text(title)); it holds \(Quoted.list(file.names))"
            throw TensorFileError(path: file.path, message: message)
        }
        var weightsTitle = weights
        if weightsTitle == nil, let usual = Self.usual.first(where: { $0.ids == title })?.weights {
            weightsTitle = Self.numbers(usual, in: file.names).isEmpty ? nil : usual
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
        return Resolved(title: title, isPerLayer: title.contains(Self.layerMark), layers: layers)
    }

    private static func usualIDs(in file: any TensorFile) throws(TensorFileError) -> String {
        if let usual = usual.first(where: { !numbers($0.ids, in: file.names).isEmpty }) { return usual.ids }
        if let only = file.names.first, file.names.count == 1 { return only }
        let allowed = usual.map { Quoted.text($0.ids) }.joined(separator: " nor ")
        let message = "holds neither \(allowed); name the choices by --ids: it holds \(Quoted.list(file.names))"
        throw TensorFileError(path: file.path, message: message)
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
