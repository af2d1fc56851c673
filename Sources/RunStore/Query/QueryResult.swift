import Basics
internal import FoundationEssentials

/// The rows that a query gives.
public struct QueryResult: Equatable, Sendable {
    /// The names of the columns.
    public let columns: [String]
    /// The rows, each with a value per column.
    public let rows: [[IndexValue]]

    /// The value in a row of the column of a name; null where there is no such column.
    public func value(_ row: [IndexValue], _ column: String) -> IndexValue {
        columns.firstIndex(of: column).map { row[$0] } ?? .null
    }

    /// The rows as a list of objects with the columns as keys, one per line.
    ///
    /// - Throws: ``RunStoreError`` when two columns have one name.
    public func json() throws(RunStoreError) -> String {
        if let twice = Dictionary(grouping: columns, by: \.self).first(where: { $0.value.count > 1 })?.key {
            throw RunStoreError("two columns are called '\(Printable.text(twice))': give them names with AS")
        }
        do {
            let lines = try rows.map { row -> String in
                let object = Dictionary(zip(columns, row), uniquingKeysWith: { first, _ in first })
                return try JSONText.line(object, called: "the result")
            }
            return lines.isEmpty ? "[]\n" : "[\n  " + lines.joined(separator: ",\n  ") + "\n]\n"
        } catch {
            throw RunStoreError("\(error)")
        }
    }

    /// The rows as comma-separated values (RFC 4180) with a header; an empty field is null.
    public var csv: String {
        ([columns] + rows.map { $0.map(\.field) }).map { $0.map(CSVField.text).joined(separator: ",") + "\n" }.joined()
    }
}
