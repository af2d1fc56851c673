import Basics

/// The form in which a command prints its figures.
public enum OutputFormat: String, CaseIterable, Equatable, Sendable {
    /// An aligned table for a person.
    case table
    /// JSON, with more keys than the table has columns.
    case json
    /// Comma-separated values (RFC 4180) with a header, as many columns as the JSON has keys.
    case csv
}

/// Objects as comma-separated values: a row for each, a column for each of their keys.
enum ObjectCSV {
    /// The rows below a header with the keys that ``JSONText`` gives them, in alphabetical order but for the first; a
    /// value that is missing is an empty field, the elements of a list stand in one, with `; ` between them.
    ///
    /// - Parameter first: the key of the first column.
    /// - Throws: `JSONError` when a number is infinite or not a number.
    static func text(_ objects: [some Encodable], first: String) throws(JSONError) -> String {
        let json = try JSONText.of(objects)
        let rows = try JSONText.decode([[String: JSONValue]].self, from: json, keys: .asTheyAre)
        let others = Set(rows.flatMap(\.keys)).subtracting([first]).sorted()
        let columns = [first] + others
        return ([columns] + rows.map { row in columns.map { field(row[$0] ?? .null) } }).map(CSVField.row).joined()
    }

    private static func field(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): value
        case .list(let values): values.map(field).joined(separator: "; ")
        case .members(let values):
            values.sorted { $0.key < $1.key }.map { "\($0.key) \(field($0.value))" }.joined(separator: "; ")
        }
    }
}
