public import Basics
public import Foundation

/// Any JSON, for files whose keys differ from case to case, and to look at a report without the types that wrote it.
public typealias JSON = JSONValue

extension JSON {
    /// Reads a text that is one JSON value and nothing else.
    public init(parsing text: String) throws {
        self = try JSONText.decode(from: text, keys: .asTheyAre)
    }

    /// The value as text.
    public func data() throws -> Data {
        Data(try JSONText.line(self).utf8)
    }

    /// The value at a path of keys with dots between them, or nil when there is none.
    public subscript(path: String) -> JSON? {
        path.split(separator: ".").reduce(Optional(self)) { value, key in
            guard case .members(let members)? = value else { return nil }
            return members[String(key)]
        }
    }

    /// The number as a whole one, or nil.
    public var int: Int? { number.flatMap { Int(exactly: $0) } }

    /// The truth value, or nil.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The text, or nil.
    public var string: String? {
        if case .text(let value) = self { value } else { nil }
    }

    /// The elements; none where this is no array.
    public var array: [JSON] {
        if case .list(let values) = self { values } else { [] }
    }

    /// All numbers below, in order, with true as 1 and false as 0.
    public var numbers: [Double] {
        switch self {
        case .integer(let value): [Double(value)]
        case .number(let value): [value]
        case .bool(let value): [value ? 1 : 0]
        case .list(let values): values.flatMap(\.numbers)
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
