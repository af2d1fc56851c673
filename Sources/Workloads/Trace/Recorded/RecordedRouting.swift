import MoE

/// Recorded routing as people have it, of whatever form: the choices [token, layer, k] of a model, with weights or
/// without, read some tokens at a time.
public protocol RecordedRouting: Sendable {
    /// The file, as the caller named it.
    var path: String { get }
    /// The form of the file in words, for example `CSV, a row per choice`.
    var form: String { get }
    /// The numbers of tokens, layers and choices.
    var shape: RoutingShape { get }
    /// True when there is a weight for each choice.
    var hasWeights: Bool { get }
    /// The vocabulary ids of the tokens, or nil when the file has none.
    var tokenIDs: [Int32]? { get }
    /// The lengths of the sequences that the tokens form, or nil when the file does not tell.
    var sequenceLengths: [Int]? { get }
    /// The rank that owns each token, or nil when the file does not tell.
    var sourceRanks: [Int32]? { get }
    /// What was left out as padding, taken for granted or passed over; nil for nothing.
    var note: String? { get }

    /// The choices of some tokens in all layers.
    ///
    /// - Throws: ``WorkloadError`` for an expert outside ``RoutingShape/expertNumbers`` or a weight that is infinite or
    ///   not a number.
    func block(_ tokens: Range<Int>) throws(WorkloadError) -> RoutingBlock

    /// The place in the file of the choices of a token, for errors.
    ///
    /// - Parameter layer: the index of the layer in ``RoutingShape/layers``.
    func place(token: Int, layer: Int) -> String
}

/// The numbers of tokens, layers and choices of recorded routing.
public struct RoutingShape: Equatable, Sendable {
    /// The most experts that a layer can have.
    public static let mostExperts = 65535
    /// The most layers.
    public static let mostLayers = 1024
    /// The expert numbers that are allowed; -1 is no choice.
    public static let expertNumbers = Int64(ChoiceRows.none)...Int64(mostExperts - 1)

    /// Tokens; at least 1.
    public let tokens: Int
    /// The number of each layer in the file, ascending; at least one.
    public let layers: [Int]
    /// Choices per token and layer, k; at least 1.
    public let choices: Int

    /// The choices of a token in all layers.
    var choicesPerToken: Int { layers.count * choices }

    /// Ranges of tokens that together are all, each of about a quarter of a million choices, so that memory stays
    /// bounded.
    public var pieces: [Range<Int>] {
        let size = max(1, (1 << 18) / choicesPerToken)
        return stride(from: 0, to: tokens, by: size).map { $0..<min($0 + size, tokens) }
    }
}

/// The choices of some tokens in all layers.
public struct RoutingBlock: Equatable, Sendable {
    /// The chosen experts, `[token, layer, k]`; -1 is no choice.
    public var experts: [Int32]
    /// As many weights, or nil.
    public var weights: [Float]?
}

extension RecordedRouting {
    /// Nil, by default: most forms do not tell who owns a token.
    public var sourceRanks: [Int32]? { nil }

    /// Nil, by default: forms without masks leave nothing out.
    public var note: String? { nil }

    /// The number of the layer of an index, with the token: `token 3, layer 1`.
    func name(token: Int, layer: Int) -> String { "token \(token), layer \(shape.layers[layer])" }
}

/// Some layers of recorded routing.
struct ChosenLayers: RecordedRouting {
    private let whole: any RecordedRouting
    private let indices: [Int]
    let shape: RoutingShape

    /// - Parameter numbers: the layers, by their numbers in the file, in any order.
    /// - Throws: ``WorkloadError`` for a layer that is not there.
    init(_ numbers: [Int], of whole: any RecordedRouting) throws(WorkloadError) {
        let held = whole.shape.layers
        if let missing = numbers.first(where: { !held.contains($0) }) {
            let message = "holds no layer \(missing); it holds \(RoutingText.list(held))"
            throw WorkloadError(file: whole.path, message: message)
        }
        self.whole = whole
        indices = held.indices.filter { numbers.contains(held[$0]) }
        shape = RoutingShape(
            tokens: whole.shape.tokens,
            layers: indices.map { held[$0] },
            choices: whole.shape.choices
        )
    }

    var path: String { whole.path }
    var form: String { whole.form }
    var hasWeights: Bool { whole.hasWeights }
    var tokenIDs: [Int32]? { whole.tokenIDs }
    var sequenceLengths: [Int]? { whole.sequenceLengths }
    var sourceRanks: [Int32]? { whole.sourceRanks }
    var note: String? { whole.note }

    func block(_ tokens: Range<Int>) throws(WorkloadError) -> RoutingBlock {
        let all = try whole.block(tokens)
        return RoutingBlock(experts: pick(all.experts), weights: all.weights.map(pick))
    }

    private func pick<Value>(_ values: [Value]) -> [Value] {
        let (stride, choices) = (whole.shape.choicesPerToken, shape.choices)
        return Swift.stride(from: 0, to: values.count, by: stride).flatMap { token in
            indices.flatMap { values[token + $0 * choices..<token + ($0 + 1) * choices] }
        }
    }

    func place(token: Int, layer: Int) -> String { whole.place(token: token, layer: indices[layer]) }
}

/// Words about recorded routing.
enum RoutingText {
    /// Numbers, the first twelve of them: `0, 1, 2`.
    static func list(_ numbers: [Int]) -> String {
        let shown = numbers.prefix(12).map(String.init).joined(separator: ", ")
        return numbers.count > 12 ? "\(shown) and \(numbers.count - 12) more" : shown
    }
}
