import Basics

/// The axes of a tensor of choices, from the outermost to the innermost.
public struct RoutingAxes: Equatable, Sendable {
    /// One axis.
    public enum Axis: String, CaseIterable, Sendable {
        /// Tokens.
        case token
        /// Layers.
        case layer
        /// The choices of a token.
        case choice = "k"
    }

    /// The allowed texts, in words.
    public static let allowed =
        "token, layer and k in the order of the tensor, for example token,layer,k or layer,k,token; without layer for "
        + "one layer, without k for one choice"

    /// The axes, each at most once, token among them.
    public let order: [Axis]

    /// Read axes separated by commas; return nil for anything but ``allowed``.
    public init?(_ text: String) {
        let names = text.split(separator: ",", omittingEmptySubsequences: false)
        let order = names.compactMap { Axis(rawValue: String($0).trimmingBlanks) }
        guard order.count == names.count, Set(order).count == order.count, order.contains(.token) else { return nil }
        self.order = order
    }

    private init(order: [Axis]) { self.order = order }

    /// The usual axes of a tensor, by its number of dimensions: `[token, k]` or `[token, layer, k]`; nil for others.
    static func usual(dimensions: Int) -> RoutingAxes? {
        switch dimensions {
        case 2: RoutingAxes(order: [.token, .choice])
        case 3: tokenFirst
        default: nil
        }
    }

    /// Tokens, layers, choices: the order in which epsim and vLLM write them.
    static let tokenFirst = RoutingAxes(order: [.token, .layer, .choice])
    /// Layers, tokens, choices.
    static let layerFirst = RoutingAxes(order: [.layer, .token, .choice])

    /// The axes as people read them: `[token, layer, k]`.
    var text: String { "[\(order.map(\.rawValue).joined(separator: ", "))]" }
}

extension String {
    /// The text without blanks at its ends.
    var trimmingBlanks: String {
        String(drop { $0 == " " || $0 == "\t" }).withoutTrailingSpaces
    }
}

/// The place of every choice in a tensor with axes of given sizes.
struct AxisStrides: Sendable {
    /// Size of an axis; 1 where the tensor has none of that name.
    let tokens: Int
    let layers: Int
    let choices: Int
    /// The layer and the choice that each index of the axes outside that of the tokens stands for.
    private let outer: [(layer: Int, choice: Int)]
    /// The layer and the choice that each index of the axes inside that of the tokens stands for.
    private let inner: [(layer: Int, choice: Int)]

    /// - Precondition: `shape` has a size for each of the axes, and their product is an `Int`.
    init(_ axes: RoutingAxes, shape: [Int]) {
        precondition(shape.count == axes.order.count, "\(shape) for \(axes.text)")
        func size(_ axis: RoutingAxes.Axis) -> Int { axes.order.firstIndex(of: axis).map { shape[$0] } ?? 1 }
        (tokens, layers, choices) = (size(.token), size(.layer), size(.choice))
        let parts = axes.order.split(separator: .token, omittingEmptySubsequences: false)
        func places(_ part: ArraySlice<RoutingAxes.Axis>) -> [(layer: Int, choice: Int)] {
            part.reduce([(layer: 0, choice: 0)]) { places, axis in
                places.flatMap { place in
                    (0..<size(axis)).map { axis == .layer ? ($0, place.choice) : (place.layer, $0) }
                }
            }
        }
        outer = places(parts[0])
        inner = places(parts[1])
    }

    /// The runs of elements that hold some tokens, and where each run's values go in `[token, layer, k]`.
    ///
    /// - Parameters:
    ///   - rows: the tokens.
    ///   - visit: takes the elements of a run, and a function from the place in it to the place of a choice.
    func forEachRun<Failure: Error>(
        _ rows: Range<Int>,
        _ visit: (Range<Int>, (Int) -> (token: Int, layer: Int, choice: Int)) throws(Failure) -> Void
    ) throws(Failure) {
        for (index, outside) in outer.enumerated() {
            let start = (index * tokens + rows.lowerBound) * inner.count
            try visit(start..<start + rows.count * inner.count) { place in
                let inside = inner[place % inner.count]
                return (place / inner.count, outside.layer + inside.layer, outside.choice + inside.choice)
            }
        }
    }
}
