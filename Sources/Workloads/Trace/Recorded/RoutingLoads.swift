import MoE

/// The loads of experts in recorded routing, layer by layer, and what is odd about its choices.
public struct RoutingLoads: Equatable, Sendable {
    /// A token and an expert that it has chosen twice.
    struct Duplicate: Equatable, Sendable {
        let token: Int
        let expert: Int
    }

    /// What the choices of one layer come to.
    public struct Layer: Equatable, Sendable {
        /// The number of the layer in the file.
        public let number: Int
        /// Choices per expert, up to the highest that was chosen in the layer.
        public fileprivate(set) var counts: [Int] = []
        /// Choices that are none.
        public fileprivate(set) var withoutExpert = 0
        /// Choices of an expert that the same token has chosen in the layer before.
        public fileprivate(set) var duplicates = 0
        /// The first token that has chosen an expert twice, and that expert; nil for none.
        var firstDuplicate: Duplicate?

        /// The choices of each of `experts` experts, `[experts]`.
        ///
        /// - Precondition: none above was chosen.
        public func counts(experts: Int) -> [Int] {
            counts + [Int](repeating: 0, count: experts - counts.count)
        }
    }

    /// The layers.
    public private(set) var layers: [Layer]

    /// Choices of weight 0, of all layers.
    private var zeros = ZeroWeights()
    private let path: String

    /// What is odd about the weights, or nil.
    public var note: String? { zeros.note(of: path) }

    /// Loads without choices.
    private init(_ shape: RoutingShape, path: String) {
        layers = shape.layers.map { Layer(number: $0) }
        self.path = path
    }

    /// Count all choices of a file.
    ///
    /// - Throws: what reading throws.
    public init(_ routing: any RecordedRouting) throws(WorkloadError) {
        self.init(routing.shape, path: routing.path)
        for tokens in routing.shape.pieces {
            count(try routing.block(tokens), from: tokens.lowerBound, shape: routing.shape)
        }
    }

    /// The highest expert that was chosen in any layer, plus 1.
    public var expertsSeen: Int { layers.map(\.counts.count).max() ?? 0 }

    private mutating func count(_ block: RoutingBlock, from firstToken: Int, shape: RoutingShape) {
        let choices = shape.choices
        zeros.count(block.experts, block.weights) { index in
            let (token, layer) = (firstToken + index / choices / layers.count, index / choices % layers.count)
            return "token \(token), layer \(layers[layer].number)"
        }
        for row in 0..<block.experts.count / choices {
            let (token, layer) = (firstToken + row / layers.count, row % layers.count)
            let range = row * choices..<(row + 1) * choices
            for index in range {
                let expert = Int(block.experts[index])
                guard expert >= 0 else {
                    layers[layer].withoutExpert += 1
                    continue
                }
                let missing = expert + 1 - layers[layer].counts.count
                if missing > 0 { layers[layer].counts += [Int](repeating: 0, count: missing) }
                layers[layer].counts[expert] += 1
                if block.experts[range.lowerBound..<index].contains(block.experts[index]) {
                    layers[layer].duplicates += 1
                    let first = layers[layer].firstDuplicate ?? Duplicate(token: token, expert: expert)
                    layers[layer].firstDuplicate = first
                }
            }
        }
    }
}
