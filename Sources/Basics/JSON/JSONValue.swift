/// Any JSON value, for texts of which only some keys are known, and for values that no type of this program represents.
public indirect enum JSONValue: Codable, Equatable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number that an `Int` can hold.
    case integer(Int)
    /// Any other number.
    case number(Double)
    /// A text.
    case text(String)
    /// A list of values.
    case list([JSONValue])
    /// An object: values by their keys.
    case members([String: JSONValue])

    /// Read any JSON value.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .list(value)
        } else {
            self = .members(try container.decode([String: JSONValue].self))
        }
    }

    /// Write the value in the form in which it was read.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .members(let values): try container.encode(values)
        }
    }

    /// The value as a number, or nil where it is none.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The value as a sentence shows it; of a list or an object only the kind, as in `a list`.
    public var shown: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): Quoted.text(value)
        case .list: "a list"
        case .members: "an object"
        }
    }
}

/// A key of an object, of any name.
public struct JSONKey: CodingKey {
    /// The key.
    public let stringValue: String
    /// Nil, as keys of objects are no numbers.
    public var intValue: Int? { nil }

    /// Create a key.
    public init(stringValue: String) { self.stringValue = stringValue }

    /// Return nil, as keys of objects are no numbers.
    public init?(intValue: Int) { nil }
}

/// A value that may be unknown and is `null` in the JSON then, so that scripts always find its key.
@propertyWrapper
public struct OrNull<Value: Codable & Equatable & Sendable>: Codable, Equatable, Sendable {
    /// The value, or nil when it is not known.
    public var wrappedValue: Value?

    /// A value, or nil.
    public init(wrappedValue: Value?) {
        self.wrappedValue = wrappedValue
    }

    /// Read a value or `null`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
    }

    /// Write the value or `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue {
            try container.encode(wrappedValue)
        } else {
            try container.encodeNil()
        }
    }
}
