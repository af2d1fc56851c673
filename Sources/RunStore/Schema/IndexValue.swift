import Basics
internal import FoundationEssentials
internal import GRDB

/// A value of the index, as SQLite stores it.
public enum IndexValue: Equatable, Sendable {
    /// A value that is not known.
    case null
    /// A whole number.
    case integer(Int64)
    /// A number.
    case real(Double)
    /// A text in UTF-8.
    case text(String)
    /// Bytes; no column of the index has them, but a query may.
    case blob([UInt8])

    /// The text, or nil.
    public var text: String? { if case .text(let text) = self { text } else { nil } }

    /// The number, or nil.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .real(let value): value
        case .null, .text, .blob: nil
        }
    }

    /// The value as a field of CSV: empty for null, a number in the fewest digits that read back the same, two
    /// hexadecimal digits for each byte.
    public var field: String {
        switch self {
        case .null: ""
        case .integer(let value): "\(value)"
        case .real(let value): "\(value)"
        case .text(let text): text
        case .blob(let bytes): Hexadecimal.text(bytes)
        }
    }

    /// Bytes of memory that the value takes, approximately.
    var size: Int {
        switch self {
        case .null, .integer, .real: 16
        case .text(let text): 16 + text.utf8.count
        case .blob(let bytes): 16 + bytes.count
        }
    }
}

extension IndexValue: Encodable {
    /// Write the value; infinities as `"inf"` and `"-inf"`, which JSON has no number for, and bytes as hexadecimal
    /// digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .integer(let value): try container.encode(value)
        case .real(let value) where value.isFinite: try container.encode(value)
        case .text(let text): try container.encode(text)
        case .real, .blob: try container.encode(field)
        }
    }
}

extension IndexValue {
    /// Convert a value in a row that SQLite returned.
    init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let value): self = .integer(value)
        case .double(let value): self = .real(value)
        case .string(let text): self = .text(text)
        case .blob(let data): self = .blob([UInt8](data))
        }
    }

    /// The value in the form that SQLite takes for an argument of a statement.
    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .real(let value): value.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }
}
