public import Basics
public import Records

/// The figures of one measured step; loads and losses are means over its layers.
public struct StepFigures: Codable, Equatable, Sendable {
    /// One loss of the router in the step.
    public struct Loss: Codable, Equatable, Sendable {
        /// The name of the loss in its paper.
        public let name: String
        /// The loss without its coefficient, mean over the layers that report it.
        @OrNull public private(set) var value: Double?
    }

    /// Index of the step, counted without the warm-up.
    public let step: Int
    /// Tokens of the step.
    public let tokens: Int
    /// Seconds from tokens in to outputs combined.
    public let seconds: Double
    /// The losses, in the order in which the router reports them.
    public let losses: [Loss]
    /// The values of the figures, by ``Figure/stepKey``.
    private var values: [String: Double] = [:]

    /// The figures that a step has, each with its key, in the order of the catalogue.
    public static let columns = Figure.catalogue.compactMap { figure in
        figure.stepKey.map { (key: $0, figure: figure) }
    }

    /// The figures of a step of a run on `ranks` ranks.
    public init(_ record: StepRecord, ranks: Int) {
        self.init(record, FigureAccumulator([record], ranks: ranks))
    }

    /// The figures of a step; `sums` accumulates that step alone.
    public init(_ record: StepRecord, _ sums: FigureAccumulator) {
        step = record.step
        tokens = record.tokens
        seconds = record.seconds
        losses = sums.losses.map { Loss(name: $0.name, value: $0.each.mean) }
        for (key, figure) in Self.columns { values[key] = sums[each: figure].mean.flatMap(Average.finite) }
    }

    /// True for the figures that a step has.
    public static func has(_ figure: Figure) -> Bool {
        if case .spreadOverSteps = figure.rule { true } else { figure.stepKey != nil }
    }

    /// A figure of the step of a run on so many ranks: that of the step as a whole, else the mean over its layers; nil
    /// where it has none.
    public subscript(figure: Figure, ranks ranks: Int) -> Double? {
        guard case .spreadOverSteps(let value) = figure.rule else { return figure.stepKey.flatMap { values[$0] } }
        return value(StepPace(tokens: tokens, seconds: seconds, ranks: ranks)).flatMap(Average.finite)
    }

    /// A figure of the step that does not depend on how many ranks the run has; nil where it has none.
    public subscript(figure: Figure) -> Double? { self[figure, ranks: 1] }

    /// The value of a loss; nil where the router reported none.
    public subscript(loss name: String) -> Double? { losses.first { $0.name == name }?.value }

    private enum Keys {
        static let step = JSONKey(stringValue: "step")
        static let tokens = JSONKey(stringValue: "tokens")
        static let seconds = JSONKey(stringValue: "seconds")
        static let losses = JSONKey(stringValue: "losses")
    }

    /// Read the row of a step; figures that a row of an earlier version lacks are not known.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: JSONKey.self)
        step = try container.decode(Int.self, forKey: Keys.step)
        tokens = try container.decode(Int.self, forKey: Keys.tokens)
        seconds = try container.decode(Double.self, forKey: Keys.seconds)
        losses = try container.decode([Loss].self, forKey: Keys.losses)
        for key in Self.columns.map(\.key) where container.contains(JSONKey(snake: key)) {
            values[key] = try container.decode(OrNull<Double>.self, forKey: JSONKey(snake: key)).wrappedValue
        }
    }

    /// Write the row of the step, `null` for figures that are not known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: JSONKey.self)
        try container.encode(step, forKey: Keys.step)
        try container.encode(tokens, forKey: Keys.tokens)
        try container.encode(seconds, forKey: Keys.seconds)
        try container.encode(losses, forKey: Keys.losses)
        for key in Self.columns.map(\.key) {
            try container.encode(OrNull(wrappedValue: values[key]), forKey: JSONKey(snake: key))
        }
    }
}

extension StepFigures.Loss: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "name": "The name that its paper gives it.",
        "value": "The loss without its coefficient, mean over the layers that report it.",
    ]
}

extension StepFigures: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = own.merging(ofFigures) { $1 }

    private static let ofFigures = Dictionary(
        uniqueKeysWithValues: columns.map {
            ($0.key, "\($0.figure.title): \($0.figure.formula), mean over the layers.")
        }
    )

    private static let own = [
        "losses": "The losses, in the order in which the router reports them.",
        "seconds": "Seconds from tokens in to outputs combined.",
        "step": "Index of the step, counted without the warm-up.",
        "tokens": "Tokens of the step.",
    ]
}
