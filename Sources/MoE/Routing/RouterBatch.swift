import Foundation
public import Tensors

/// The input of a router for one layer in one step.
public struct RouterBatch: Sendable {
    /// Number of tokens, T.
    public var tokens: Int
    /// Number of routed experts, E.
    public var experts: Int
    /// One matrix per entry of ``Router/projections``, `[tokens, columns]` (see ``Router/columns(of:experts:)``).
    public var projections: [Matrix]
    /// Choices to replay, for the router that replays.
    public var recorded: RecordedChoices?
    /// The vocabulary ids of the tokens, `[tokens]`, for routers that hash them.
    public var tokenIDs: [Int32]?
    /// The lengths of the sequences that the tokens form, or nil when they are one sequence.
    public var sequenceLengths: [Int]?
    /// The hidden states that the router's projections read, `[tokens, hidden]`, for routers that read them as they are.
    public var hidden: Matrix?
    /// The number of the step, warm-up included.
    public var step: Int
    /// The number of the layer.
    public var layer: Int
    /// The random numbers that belong to this (seed, step, layer).
    public var random: CounterRandom
    /// Numbers to take instead of random ones, so that a test can repeat a published case.
    var givenNumbers: [RandomLane: [Double]] = [:]

    /// A batch of `tokens` tokens for `experts` experts.
    public init(
        tokens: Int,
        experts: Int,
        projections: [Matrix],
        recorded: RecordedChoices? = nil,
        tokenIDs: [Int32]? = nil,
        sequenceLengths: [Int]? = nil,
        hidden: Matrix? = nil,
        step: Int = 0,
        layer: Int = 0,
        random: CounterRandom
    ) {
        self.tokens = tokens
        self.experts = experts
        self.projections = projections
        self.recorded = recorded
        self.tokenIDs = tokenIDs
        self.sequenceLengths = sequenceLengths
        self.hidden = hidden
        self.step = step
        self.layer = layer
        self.random = random
    }
}

extension RouterBatch {
    /// The target number of logits in a block of tokens: so few that their numbers in double precision stay in a core's
    /// own cache, and that their memory comes back with the next block instead of from the system.
    private static let blockLogits = 4096

    /// The tokens in blocks, at least one; the last one holds the rest.
    var blocks: [Range<Int>] {
        let size = max(1, Self.blockLogits / max(experts, 1))
        guard tokens > size else { return [0..<tokens] }
        return stride(from: 0, to: tokens, by: size).map { $0..<min($0 + size, tokens) }
    }
}

extension [Float] {
    /// True when no number of the array is infinite or NaN; all are read, many at a time.
    var areFinite: Bool {
        unsafe withUnsafeBufferPointer { values in
            var largest: Int32 = 0
            for index in 0..<values.count {
                largest = unsafe Swift.max(largest, Int32(bitPattern: values[index].bitPattern & 0x7F80_0000))
            }
            return largest != 0x7F80_0000
        }
    }
}

extension RouterBatch {
    /// The matrix of each of the router's projections, checked to be of the right shape and finite.
    ///
    /// A logit of minus infinity masks an expert, or a group of them, for a token, which then never has it.
    ///
    /// - Parameter least: the experts, or groups, that the masks of a gate must leave to each token; nil for a router
    ///   that knows no masks.
    func checkedMatrices(for router: some Router, least: Int? = nil) throws(RoutingError) -> [Matrix] {
        let wanted = router.projections
        guard projections.count == wanted.count else {
            throw RoutingError("the batch holds \(projections.count) projections; the router reads \(wanted.count)")
        }
        for (projection, matrix) in zip(wanted, projections) {
            try check(matrix, of: projection, columns: router.columns(of: projection, experts: experts), least: least)
        }
        return projections
    }

    /// The hidden states, checked to be there for each token and finite.
    func checkedHidden() throws(RoutingError) -> Matrix {
        guard let hidden else { throw RoutingError("the batch holds no hidden states, which the router reads") }
        guard hidden.rows == tokens else {
            throw RoutingError("the batch holds hidden states of \(hidden.rows) tokens; it has \(tokens)")
        }
        if !hidden.values.areFinite, let index = hidden.values.firstIndex(where: { !$0.isFinite }) {
            let (token, column) = index.quotientAndRemainder(dividingBy: hidden.columns)
            let value = hidden.values[index]
            throw RoutingError("token \(token): value \(column) of its hidden state is \(value); it must be finite")
        }
        return hidden
    }

    /// True when a logit masks an expert.
    func masks(_ matrix: Matrix) -> Bool { !matrix.values.areFinite }

    /// The gate's logits of some tokens, or all, in double precision, `[tokens * columns]`, plus the gate's bias where
    /// there is one.
    func logits(_ matrix: Matrix, _ tokens: Range<Int>? = nil, bias: [Float]) throws(RoutingError) -> [Double] {
        let range = tokens ?? 0..<matrix.rows
        let places = range.lowerBound * matrix.columns..<range.upperBound * matrix.columns
        guard !bias.isEmpty else { return matrix.values[places].map { Double($0) } }
        try check(bias, "the gate's bias", experts: matrix.columns)
        return places.map { Double(matrix.values[$0]) + Double(bias[$0 % matrix.columns]) }
    }

    /// Check that `values`, called `name` in errors, holds one finite number per expert.
    func check(_ values: [Float], _ name: String, experts: Int) throws(RoutingError) {
        guard values.count == experts else {
            throw RoutingError("\(name) has \(values.count) values; \(experts) experts need as many")
        }
        if let expert = values.firstIndex(where: { !$0.isFinite }) {
            throw RoutingError("\(name) is \(values[expert]) for expert \(expert); it must be finite")
        }
    }

    /// The ranges of tokens that compete with each other; without a rule, one range of all tokens.
    func contestGroups(_ rule: CapacityRule?) throws(RoutingError) -> [Range<Int>] {
        guard let rule else { return [0..<tokens] }
        return switch rule.scope {
        case .batch: [0..<tokens]
        case .groups: stride(from: 0, to: tokens, by: rule.group).map { $0..<min($0 + rule.group, tokens) }
        case .sequences: try sequences()
        }
    }

    /// The range of tokens of each sequence.
    func sequences() throws(RoutingError) -> [Range<Int>] {
        guard let sequenceLengths else { return [0..<tokens] }
        var ranges: [Range<Int>] = []
        var start = 0
        for length in sequenceLengths {
            guard length > 0 && length <= tokens - start else {
                throw RoutingError("sequence \(ranges.count) has length \(length); allowed are 1 to \(tokens - start)")
            }
            ranges.append(start..<start + length)
            start += length
        }
        guard start == tokens else {
            throw RoutingError("the sequences hold \(start) tokens; the batch has \(tokens)")
        }
        return ranges
    }

    /// Check that each token can choose `topK` different experts and that the copies can be numbered.
    func check(topK: Int) throws(RoutingError) {
        guard topK >= 1 && topK <= experts else {
            throw RoutingError("top-k is \(topK); allowed are 1 to \(experts), the number of experts")
        }
        let (copies, overflow) = tokens.multipliedReportingOverflow(by: topK)
        guard !overflow && copies <= Int(Int32.max) else {
            throw RoutingError(
                "\(tokens) tokens with top-k \(topK) make more than \(Int32.max) copies; use fewer tokens"
            )
        }
    }

    private func check(
        _ matrix: Matrix,
        of projection: RouterProjection,
        columns: Int,
        least: Int?
    ) throws(RoutingError) {
        guard matrix.rows == tokens && matrix.columns == columns else {
            throw RoutingError(
                "the \(projection) projection is \(matrix.rows) x \(matrix.columns); "
                    + "\(tokens) tokens and \(columns) experts need \(tokens) x \(columns)"
            )
        }
        guard !matrix.values.areFinite else { return }
        let masks = least != nil && projection.masks
        if let index = matrix.values.firstIndex(where: { !($0.isFinite || masks && $0 == -.infinity) }) {
            let (token, expert) = index.quotientAndRemainder(dividingBy: columns)
            let value = matrix.values[index]
            let allowed = masks ? "it must be finite, or -inf to mask the expert" : "it must be finite"
            throw RoutingError("token \(token): the \(projection) logit of expert \(expert) is \(value); \(allowed)")
        }
        guard masks, let least else { return }
        for token in 0..<tokens {
            let left = matrix.row(token).count { $0 != -.infinity }
            guard left >= least else {
                let what = projection == .gate ? "experts" : "groups"
                throw RoutingError(
                    "token \(token): logits of -inf leave \(left) of \(columns) \(what); at least \(least) are needed"
                )
            }
        }
    }
}

extension RouterBatch {
    /// Join the batches of consecutive runs of tokens into one, for a router that decides token by token.
    ///
    /// - Precondition: there is at least one, and all are of one layer.
    public static func joined(_ parts: [RouterBatch]) -> RouterBatch {
        var whole = parts[0]
        whole.tokens = parts.reduce(0) { $0 + $1.tokens }
        whole.projections = whole.projections.indices.map { index in
            Matrix.joined(parts.map { $0.projections[index] })
        }
        let hidden = parts.compactMap(\.hidden)
        whole.hidden = hidden.isEmpty ? nil : Matrix.joined(hidden)
        let recorded = parts.compactMap(\.recorded)
        whole.recorded = recorded.isEmpty ? nil : RecordedChoices.joined(recorded)
        whole.tokenIDs = whole.tokenIDs.map { _ in parts.flatMap { $0.tokenIDs ?? [] } }
        whole.sequenceLengths = nil
        return whole
    }
}

/// The purpose of a router's random number; a lane of numbers for each, none of which another lane has.
enum RandomLane: Int {
    /// Noise on logits, `[tokens * experts]`.
    case noise = 0
    /// The draw whether a further choice is asked for, `[tokens * (k - 1)]`.
    case furtherChoice
    /// The key of a copy in a random contest, `[tokens * k]`.
    case contest
    /// The Gumbel noise by which further experts are drawn, `[tokens * experts]`.
    case sampling
    /// The draw whether a sequence is exempt from dropping, `[sequences]`.
    case exemption
    /// Noise on logits of a first level of a hierarchy, `[tokens * groups]`.
    case primaryNoise
}

extension RouterBatch {
    /// Number `index` of a lane, uniform on (0, 1).
    func uniform(_ lane: RandomLane, _ index: Int) -> Double {
        if let given = givenNumbers[lane] { return given[index] }
        return random.uniformDouble(lane.rawValue << 48 + index)
    }

    /// Fill `row` with standard normal numbers, from number `start` of a lane on.
    func fillNormal(_ lane: RandomLane, _ row: inout [Double], from start: Int) {
        if let given = givenNumbers[lane] {
            for place in row.indices { row[place] = given[start + place] }
        } else {
            random.fillNormal(&row, from: lane.rawValue << 48 + start)
        }
    }
}

extension CounterRandom {
    /// Fill `row` with standard normal numbers; the one at place i depends on (stream, `start` + i) only.
    ///
    /// Box-Muller: numbers 2j and 2j + 1 come from the uniform numbers 2j and 2j + 1.
    func fillNormal(_ row: inout [Double], from start: Int) {
        var place = 0
        while place < row.count {
            let index = start + place
            let pair = index & ~1
            let radius = (-2 * log(uniformDouble(pair))).squareRoot()
            let angle = 2 * Double.pi * uniformDouble(pair + 1)
            if index == pair {
                row[place] = radius * cos(angle)
                place += 1
            }
            if place < row.count {
                row[place] = radius * sin(angle)
                place += 1
            }
        }
    }
}
