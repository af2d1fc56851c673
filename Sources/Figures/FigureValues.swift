public import Basics

/// A set of figures with their values: spreads, numbers and whole numbers.
public struct FigureValues: Equatable, Sendable {
    enum Value: Equatable, Sendable {
        case spread(Spread)
        case number(Double)
        case whole(Int)
    }

    private var values: [String: Value] = [:]

    /// Create a set without values.
    public init() {}

    /// Join the values of several parts of a report.
    public init(_ parts: [FigureValues]) {
        for part in parts { values.merge(part.values) { $1 } }
    }

    /// The spread of a figure; empty where the figure has no values.
    public subscript(spread figure: Figure) -> Spread {
        get { if case .spread(let spread)? = values[figure.path] { spread } else { Spread([]) } }
        set { values[figure.path] = .spread(newValue) }
    }

    /// The value of a figure that is one number, and the headline of one that is a spread; nil where it is not known.
    public subscript(figure: Figure) -> Double? {
        get { self[FigureName(figure)] }
        set { values[figure.path] = newValue.flatMap { $0.isFinite ? .number($0) : nil } }
    }

    /// The value of a figure that is a whole number; nil where it is not known.
    public subscript(whole figure: Figure) -> Int? {
        get { if case .whole(let value)? = values[figure.path] { value } else { nil } }
        set { values[figure.path] = newValue.map { .whole($0) } }
    }

    /// The value of a figure, or of one statistic of a spread; nil where it is not known.
    public subscript(name: FigureName) -> Double? {
        switch values[name.figure.path] {
        case .spread(let spread)?: name.statistic.flatMap { spread[$0] }
        case .number(let value)?: value
        case .whole(let value)?: Double(value)
        case nil: nil
        }
    }
}

extension JSONKey {
    /// Create a coding key from a key of the catalogue in snake case; the coders of reports turn `cvSquared` into
    /// `cv_squared` and back.
    public init(snake text: some StringProtocol) {
        let words = text.split(separator: "_")
        let name = words.dropFirst().reduce(String(words.first ?? "")) { name, word in
            name + word.prefix(1).uppercased() + word.dropFirst()
        }
        self.init(stringValue: name)
    }
}

extension FigureValues {
    /// Read the figures of a part of a report; figures that a report of an earlier version lacks are not known.
    public init(from container: KeyedDecodingContainer<JSONKey>, section: Figure.Section) throws {
        let figures = Figure.all(in: section)
        var objects: [Substring: KeyedDecodingContainer<JSONKey>] = [:]
        for figure in figures {
            let keys = figure.keys
            guard let last = keys.last else { continue }
            var place = container
            if let parent = keys.dropLast().first {
                let key = JSONKey(snake: parent)
                guard container.contains(key) else { continue }
                place = try objects[parent] ?? container.nestedContainer(keyedBy: JSONKey.self, forKey: key)
                objects[parent] = place
            }
            let key = JSONKey(snake: last)
            guard place.contains(key) else { continue }
            values[figure.path] =
                switch figure.form {
                case .spread: .spread(try place.decode(Spread.self, forKey: key))
                case .number where figure.isAlwaysKnown: .number(try place.decode(Double.self, forKey: key))
                case .number: try place.decode(OrNull<Double>.self, forKey: key).wrappedValue.map { .number($0) }
                case .whole where figure.isAlwaysKnown: .whole(try place.decode(Int.self, forKey: key))
                case .whole: try place.decode(OrNull<Int>.self, forKey: key).wrappedValue.map { .whole($0) }
                }
        }
    }

    /// Write the figures of a part of a report, `null` where one is not known.
    public func encode(to container: inout KeyedEncodingContainer<JSONKey>, section: Figure.Section) throws {
        var objects: [Substring: KeyedEncodingContainer<JSONKey>] = [:]
        for figure in Figure.all(in: section) {
            let keys = figure.keys
            guard let last = keys.last else { continue }
            let key = JSONKey(snake: last)
            guard let parent = keys.dropLast().first else {
                try encode(figure, key, to: &container)
                continue
            }
            var place =
                objects[parent] ?? container.nestedContainer(keyedBy: JSONKey.self, forKey: JSONKey(snake: parent))
            try encode(figure, key, to: &place)
            objects[parent] = place
        }
    }

    private func encode(
        _ figure: Figure,
        _ key: JSONKey,
        to container: inout KeyedEncodingContainer<JSONKey>
    ) throws {
        switch values[figure.path] {
        case .spread(let spread)?: try container.encode(spread, forKey: key)
        case .number(let value)?: try container.encode(value, forKey: key)
        case .whole(let value)?: try container.encode(value, forKey: key)
        case nil where figure.isAlwaysKnown:
            let context = EncodingError.Context(
                codingPath: container.codingPath + [key],
                debugDescription: "not finite"
            )
            throw EncodingError.invalidValue(figure.path, context)
        case nil where figure.form == .spread: try container.encode(Spread([]), forKey: key)
        case nil: try container.encodeNil(forKey: key)
        }
    }
}
