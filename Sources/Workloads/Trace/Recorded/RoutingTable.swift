/// Recorded routing in memory, as it comes out of a text.
struct RoutingTable: RecordedRouting, Equatable {
    let path: String
    let form: String
    let shape: RoutingShape
    /// `[token, layer, k]`.
    let experts: [Int32]
    let weights: [Float]?
    /// The line of the choices of each token and layer, `[token, layer]`.
    let lines: [Int32]
    let sequenceLengths: [Int]?
    let note: String?
    let sourceRanks: [Int32]?

    var tokenIDs: [Int32]? { nil }
    var hasWeights: Bool { weights != nil }

    func block(_ tokens: Range<Int>) -> RoutingBlock {
        let range = tokens.lowerBound * shape.choicesPerToken..<tokens.upperBound * shape.choicesPerToken
        return RoutingBlock(experts: Array(experts[range]), weights: weights.map { Array($0[range]) })
    }

    func place(token: Int, layer: Int) -> String {
        "line \(lines[token * shape.layers.count + layer]): \(name(token: token, layer: layer))"
    }
}

/// Choices in the order of a text, from which recorded routing is put together once all are there.
struct RoutingAssembly {
    /// The choices of one token in one layer, or one of them, with the line on which they stand.
    struct Piece {
        var token: Int
        var layer: Int
        var line: Int
        var experts: [Int32]
        var weights: [Float]?
        /// The rank that owns the token, or nil where the text does not tell.
        var source: Int32?
    }

    /// The largest token; each needs choices, of which no file holds more.
    static let largestToken = Int(Int32.max) - 1

    private let path: String
    /// True when each piece is one choice, false when it has all choices of its token in its layer.
    private let isChoiceWise: Bool
    private var tokens: [Int32] = []
    private var layers: [Int32] = []
    private var lines: [Int32] = []
    private var experts: [Int32] = []
    private var weights: [Float] = []
    private var sources: [Int32] = []
    private var width = 0
    private var hasWeights = false

    init(path: String, isChoiceWise: Bool) {
        self.path = path
        self.isChoiceWise = isChoiceWise
    }

    /// The number of pieces so far.
    var count: Int { tokens.count }

    /// Add a piece.
    ///
    /// - Throws: ``WorkloadError`` for another number of choices than the first piece has, or weights where it has none
    ///   or the other way round.
    mutating func append(_ piece: Piece) throws(WorkloadError) {
        let place = "line \(piece.line): token \(piece.token), layer \(piece.layer)"
        if tokens.isEmpty {
            width = piece.experts.count
            hasWeights = piece.weights != nil
            guard width > 0 else { throw error("\(place): no choices; at least one is needed") }
        }
        guard piece.experts.count == width else {
            let found = "\(Self.count(piece.experts.count)); \(Self.count(width)) of each token are needed, as of the"
            throw error("\(place): \(found) first, where -1 is no choice")
        }
        guard (piece.weights != nil) == hasWeights else {
            let found = hasWeights ? "no weights, but the first has some" : "weights, but the first has none"
            throw error("\(place): \(found); all or none need them")
        }
        if let given = piece.weights, given.count != width {
            throw error("\(place): \(given.count) weights of \(Self.count(width)); as many are needed")
        }
        guard let line = Int32(exactly: piece.line) else { throw error("has too many lines") }
        tokens.append(Int32(piece.token))
        layers.append(Int32(piece.layer))
        lines.append(line)
        experts += piece.experts
        weights += piece.weights ?? []
        if let source = piece.source { sources.append(source) }
    }

    /// The routing of all pieces.
    ///
    /// - Throws: ``WorkloadError`` when a token has no choices in a layer that others have, has them twice, or has
    ///   another number of them.
    func routing(
        form: String,
        sequenceLengths: [Int]? = nil,
        note: String? = nil
    ) throws(WorkloadError) -> RoutingTable {
        let numbers = Set(layers).sorted()
        guard !numbers.isEmpty else { throw error("holds no choices; at least one token with one is needed") }
        guard numbers.count <= RoutingShape.mostLayers else {
            throw error("holds \(numbers.count) layers; at most \(RoutingShape.mostLayers) are allowed")
        }
        let order = sorted()
        var (start, groups, choices) = (0, 0, width)
        var linesOfGroups: [Int32] = []
        while start < order.count {
            let (token, layer) = (tokens[order[start]], layers[order[start]])
            var end = start + 1
            while end < order.count, tokens[order[end]] == token, layers[order[end]] == layer { end += 1 }
            let expected = (token: groups / numbers.count, layer: numbers[groups % numbers.count])
            guard Int(token) == expected.token, layer == expected.layer else {
                throw missing(expected.token, Int(expected.layer), numbers)
            }
            let size = (end - start) * width
            if groups == 0 && isChoiceWise { choices = size }
            try check(order[start..<end], size, choices)
            linesOfGroups.append(lines[order[start]])
            groups += 1
            start = end
        }
        guard groups % numbers.count == 0 else {
            throw missing(groups / numbers.count, Int(numbers[groups % numbers.count]), numbers)
        }
        let shape = RoutingShape(tokens: groups / numbers.count, layers: numbers.map { Int($0) }, choices: choices)
        return RoutingTable(
            path: path,
            form: form,
            shape: shape,
            experts: gathered(experts, order),
            weights: hasWeights ? gathered(weights, order) : nil,
            lines: linesOfGroups,
            sequenceLengths: sequenceLengths,
            note: note,
            sourceRanks: try sourceRanks(tokens: shape.tokens)
        )
    }

    /// The rank that owns each token, or nil where the text does not tell.
    private func sourceRanks(tokens count: Int) throws(WorkloadError) -> [Int32]? {
        guard !sources.isEmpty else { return nil }
        var ranks = [Int32](repeating: -1, count: count)
        for (index, source) in sources.enumerated() {
            let token = Int(tokens[index])
            guard ranks[token] == -1 || ranks[token] == source else {
                throw error(
                    "line \(lines[index]): token \(token) has \(LabelTensor.source) \(source), and \(ranks[token]) on a line before"
                )
            }
            ranks[token] = source
        }
        return ranks
    }

    /// The pieces by token and layer, in the order of the text where these are the same.
    private func sorted() -> [Int] {
        func key(_ index: Int) -> Int64 { Int64(tokens[index]) << 32 | Int64(layers[index]) }
        let isSorted = tokens.indices.dropFirst().allSatisfy { key($0 - 1) <= key($0) }
        let all = Array(tokens.indices)
        return isSorted ? all : all.sorted { (key($0), $0) < (key($1), $1) }
    }

    private func gathered<Value>(_ values: [Value], _ order: [Int]) -> [Value] {
        width == 1 ? order.map { values[$0] } : order.flatMap { values[$0 * width..<($0 + 1) * width] }
    }

    /// Check the pieces of one token in one layer.
    private func check(_ pieces: ArraySlice<Int>, _ size: Int, _ choices: Int) throws(WorkloadError) {
        guard let first = pieces.first, let last = pieces.last else { return }
        let place = "line \(lines[last]): token \(tokens[last]), layer \(layers[last])"
        guard isChoiceWise || pieces.count == 1 else {
            throw error("\(place) was on line \(lines[first]) already; each token has one in each layer")
        }
        guard size == choices else {
            let found = "\(Self.count(size)); \(Self.count(choices)) of each token are needed, as of token 0"
            throw error("\(place): \(found), where -1 is no choice")
        }
    }

    private func missing(_ token: Int, _ layer: Int, _ numbers: [Int32]) -> WorkloadError {
        let among = "each token from 0 on needs them in layer \(RoutingText.list(numbers.map { Int($0) }))"
        return error("token \(token) has no choices in layer \(layer); \(among)")
    }

    private func error(_ message: String) -> WorkloadError { WorkloadError(file: path, message: message) }

    private static func count(_ choices: Int) -> String { choices == 1 ? "1 choice" : "\(choices) choices" }
}
