extension JSON {
    /// The value at a path of keys with dots between them, or nil when there is none.
    public subscript(path: String) -> JSON? {
        path.split(separator: ".").reduce(Optional(self)) { value, key in
            guard case .object(let members)? = value else { return nil }
            return members[String(key)]
        }
    }

    /// The number, or nil.
    public var number: Double? {
        if case .number(let value) = self { value } else { nil }
    }

    /// The number as a whole one, or nil.
    public var int: Int? { number.flatMap { Int(exactly: $0) } }

    /// The truth value, or nil.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The text, or nil.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The elements; none where this is no array.
    public var array: [JSON] {
        if case .array(let values) = self { values } else { [] }
    }

    /// All numbers below, in order, with true as 1 and false as 0.
    public var numbers: [Double] {
        switch self {
        case .number(let value): [value]
        case .bool(let value): [value ? 1 : 0]
        case .array(let values): values.flatMap(\.numbers)
        default: []
        }
    }

    /// The rows of a table of numbers.
    public var rows: [[Double]] { array.map(\.numbers) }

    /// The number at a path.
    public func number(_ path: String) -> Double? { self[path]?.number }

    /// The text at a path.
    public func string(_ path: String) -> String? { self[path]?.string }

    /// The elements of the array at a path; none when there is no array.
    public func elements(_ path: String) -> [JSON] { self[path]?.array ?? [] }

    /// The texts of the array at a path.
    public func strings(_ path: String) -> [String] { elements(path).compactMap(\.string) }
}
