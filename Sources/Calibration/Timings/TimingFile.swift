import Basics

/// A table of published timings.
public struct TimingFile: Equatable, Sendable {
    /// The name that it goes by.
    public let name: String
    /// What it holds.
    public let kind: TimingKind
    /// Its rows.
    public let rows: [TimingRow]

    /// Reads the text of a table.
    ///
    /// - Parameters:
    ///   - csv: comma-separated values with a header, in any order of columns, white space around cells left out; lines
    ///     that begin with `#` are comments.
    ///   - name: the name that errors give the file.
    /// - Throws: everything that is wrong with it: columns that are missing or unknown, cells that cannot be read.
    public init(csv: String, name: String) throws(TimingError) {
        let lines = try Self.lines(csv, name)
        guard let header = lines.first else {
            throw TimingError([TimingProblem(file: name, message: "found no line, allowed: a header and rows")])
        }
        let kind = TimingKind.nearest(to: header.fields)
        try Self.check(header, kind, name)
        guard lines.count > 1 else {
            throw TimingError([
                TimingProblem(file: name, message: "found a header without rows, allowed: 1 row or more")
            ])
        }
        var problems: [TimingProblem] = []
        rows = lines.dropFirst().compactMap { line in
            guard line.fields.count == header.fields.count else {
                let message = "found \(line.fields.count) cells, allowed: \(header.fields.count), as the header has"
                problems.append(TimingProblem(file: name, line: line.line, message: message))
                return nil
            }
            var cells = TimingCells(file: name, line: line.line, header: header.fields, cells: line.fields)
            let row = TimingRow(&cells, kind)
            problems += cells.problems
            return row
        }
        guard problems.isEmpty else { throw TimingError(problems) }
        self.name = name
        self.kind = kind
    }

    private static func lines(_ csv: String, _ file: String) throws(TimingError) -> [CSVReader.Row] {
        let rows: [CSVReader.Row]
        do {
            rows = try CSVReader.rows(of: csv, skipsComments: true)
        } catch {
            let message = "found a quote that nothing closes, allowed: quotes in pairs"
            throw TimingError([TimingProblem(file: file, line: error.line, message: message)])
        }
        let lines = rows.map { CSVReader.Row(line: $0.line, fields: $0.fields.map(Self.trimmed)) }
        return lines.filter { $0.fields != [""] }
    }

    private static func trimmed(_ cell: String) -> String {
        String(cell.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    private static func check(_ header: CSVReader.Row, _ kind: TimingKind, _ file: String) throws(TimingError) {
        let counts = Dictionary(header.fields.map { ($0, 1) }, uniquingKeysWith: +)
        let unknown = header.fields.filter { !kind.columns.contains($0) }.map(Quoted.value)
        let twice = kind.columns.filter { counts[$0, default: 0] > 1 }.map(Quoted.value)
        let missing = kind.columns.filter { counts[$0] == nil }
        let form = "the columns of \(kind.rawValue): \(kind.columns.joined(separator: ", "))"
        let found = [
            unknown.isEmpty ? nil : "the unknown \(Counted.noun(unknown.count, "column")) \(Self.list(unknown))",
            twice.isEmpty ? nil : "\(Self.list(twice)) twice",
            missing.isEmpty ? nil : "no \(Self.list(missing))",
        ]
        let problems = found.compactMap(\.self).map { found in
            TimingProblem(file: file, line: header.line, message: "found \(found), allowed: \(form)")
        }
        guard problems.isEmpty else { throw TimingError(problems) }
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(TimingError.limit).joined(separator: ", ") + (names.count > TimingError.limit ? ", ..." : "")
    }
}
