import Foundation

/// Any JSON, to look at a report without the types that wrote it.
enum JSON: Decodable, Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    /// Reads a text that is one JSON value and nothing else.
    init(parsing text: String) throws {
        self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
    }

    /// The value at a path of keys with dots between them, or nil when there is none.
    subscript(path: String) -> JSON? {
        path.split(separator: ".").reduce(Optional(self)) { value, key in
            guard case .object(let fields)? = value else { return nil }
            return fields[String(key)]
        }
    }

    /// The number at a path.
    func number(_ path: String) -> Double? {
        if case .number(let value)? = self[path] { value } else { nil }
    }

    /// The text at a path.
    func string(_ path: String) -> String? {
        if case .string(let value)? = self[path] { value } else { nil }
    }

    /// The elements of the array at a path; none when there is no array.
    func elements(_ path: String) -> [JSON] {
        if case .array(let values)? = self[path] { values } else { [] }
    }

    /// The texts of the array at a path.
    func strings(_ path: String) -> [String] {
        elements(path).compactMap { if case .string(let value) = $0 { value } else { nil } }
    }
}
