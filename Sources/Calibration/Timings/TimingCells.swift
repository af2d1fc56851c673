import Basics

/// The cells of one row by column, read strictly: what a cell cannot mean becomes a problem.
struct TimingCells {
    let file: String
    let line: Int
    private let cells: [String: String]
    private(set) var problems: [TimingProblem] = []

    /// - Parameter cells: one for each name of the header.
    init(file: String, line: Int, header: [String], cells: [String]) {
        self.file = file
        self.line = line
        self.cells = Dictionary(zip(header, cells), uniquingKeysWith: { first, _ in first })
    }

    mutating func text(_ column: String) -> String {
        let text = cells[column] ?? ""
        if text.isEmpty { problem(column, found: text, allowed: "a name") }
        return text
    }

    /// A whole number; 1 when the cell holds none, beside a problem.
    mutating func count(_ column: String, upTo most: Int) -> Int {
        let text = cells[column] ?? ""
        guard let value = Int(text), String(value) == text, (1...most).contains(value) else {
            problem(column, found: text, allowed: "an integer from 1 to \(most)")
            return 1
        }
        return value
    }

    /// A number above 0, or nil for an empty cell.
    mutating func number(ifAny column: String) -> Double? {
        cells[column]?.isEmpty == true ? nil : number(column)
    }

    /// A number above 0; 1 when the cell holds none, beside a problem.
    mutating func number(_ column: String) -> Double {
        let text = cells[column] ?? ""
        let isDecimal = text.utf8.allSatisfy { "0123456789.eE+-".utf8.contains($0) }
        guard isDecimal, let value = Double(text), value.isFinite, value > 0 else {
            problem(column, found: text, allowed: "a number above 0")
            return 1
        }
        return value
    }

    /// What one of some words stands for; nil for others, beside a problem.
    mutating func word<Value>(_ column: String, _ values: KeyValuePairs<String, Value>) -> Value? {
        let text = cells[column] ?? ""
        if let value = values.first(where: { $0.key == text })?.value { return value }
        problem(column, found: text, allowed: values.map(\.key).joined(separator: " or "))
        return nil
    }

    mutating func problem(_ column: String, found: String, allowed: String) {
        let shown = found.isEmpty ? "nothing" : Quoted.value(found)
        let message = "found \(shown), allowed: \(allowed)"
        problems.append(TimingProblem(file: file, line: line, column: column, message: message))
    }
}
