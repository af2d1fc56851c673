import Basics

/// A table of published timings.
public struct TimingFile: Equatable, Sendable {
    /// The name of the file, in errors and reports.
    public let name: String
    /// The kind of the table.
    public let kind: TimingKind
    /// The rows of the table.
    public let rows: [TimingRow]

    /// Read the text of a table.
    ///
    /// - Parameters:
    ///   - csv: comma-separated values with a header, in any order of columns; white space around cells is ignored, and
    ///     lines that begin with `#` are comments.
    ///   - name: the name of the file, in errors and reports.
    /// - Throws: ``TimingError`` with all problems: columns that are missing or unknown, cells that cannot be read.
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

/// The reasons why files of timings cannot be scored: all problems found, at most ``limit`` of them.
public struct TimingError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The number of problems that are kept at most.
    public static let limit = 20

    /// The problems that are kept: the first ones, at most ``limit``.
    public let problems: [TimingProblem]
    /// The number of problems that were found beyond those in ``problems``.
    public let omitted: Int

    /// Create an error with its problems.
    public init(_ problems: [TimingProblem]) {
        self.problems = Array(problems.prefix(Self.limit))
        omitted = max(0, problems.count - Self.limit)
    }

    /// The problems, one per line.
    public var description: String {
        let lines = problems.map(\.description)
        return (omitted == 0 ? lines : lines + ["and \(omitted) more"]).joined(separator: "\n")
    }
}

/// One problem of a file of timings.
public struct TimingProblem: Equatable, Sendable, CustomStringConvertible {
    /// The name of the file.
    public let file: String
    /// The line in the file, from 1, or nil when the whole file is meant.
    public let line: Int?
    /// The name of the column, or nil when no single column is meant.
    public let column: String?
    /// The text that was found and the texts that are allowed.
    public let message: String

    /// Create a problem at a place.
    public init(file: String, line: Int? = nil, column: String? = nil, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    /// The problem in one line: `file:line: column: message`.
    public var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return ([place] + [column, message].compactMap(\.self)).joined(separator: ": ")
    }
}

/// The kinds of tables of timings, which differ in their columns.
public enum TimingKind: String, CaseIterable, Codable, Sendable {
    /// Times of dispatch and combine by low-latency kernels.
    case lowLatency = "low-latency kernels"
    /// Times of dispatch and combine by normal kernels, with a given number of multiprocessors.
    case normal = "normal kernels"
    /// Times, bandwidths or both of low-latency and normal kernels, as DeepEP's authors published them.
    case published = "published kernels"
    /// Times of the expert products on the busiest rank.
    case experts = "expert products"

    /// The names of all columns, each of which a file must have.
    var columns: [String] {
        let kernels = ["gpu", "nodes", "gpus", "hidden", "top_k", "experts", "tokens_per_gpu"]
        return switch self {
        case .lowLatency: kernels + ["dispatch_us", "combine_us"]
        case .normal: kernels + ["sms", "dispatch_us", "combine_us"]
        case .published:
            [
                "mode", "gpu", "gpus", "gpus_per_node", "hidden", "top_k", "experts", "group_limit", "tokens_per_gpu",
                "dispatch_dtype", "combine_dtype", "dispatch_us", "dispatch_gb_s", "combine_us", "combine_gb_s",
                "bandwidth_counts",
            ]
        case .experts:
            [
                "gpu", "phase", "dtype", "hidden", "ffn", "top_k", "experts", "gpus", "tokens_all_gpus", "routing",
                "latency_ms",
            ]
        }
    }

    /// The kind whose columns a header has most of; of several, the one with the fewest columns.
    static func nearest(to header: [String]) -> TimingKind {
        let names = Set(header)
        func misses(_ kind: TimingKind) -> Int { Set(kind.columns).symmetricDifference(names).count }
        return allCases.min { misses($0) < misses($1) } ?? .lowLatency
    }
}

/// The strict reader of the cells of one row: a cell that is not allowed becomes a problem.
struct TimingCells {
    let file: String
    let line: Int
    private let cells: [String: String]
    private(set) var problems: [TimingProblem] = []

    /// Create the reader of a row.
    ///
    /// - Parameter cells: the cells, one for each name of the header.
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

    /// Read a whole number; 1, with a problem, when the cell holds none.
    mutating func count(_ column: String, upTo most: Int) -> Int {
        let text = cells[column] ?? ""
        guard let value = Int(text), String(value) == text, (1...most).contains(value) else {
            problem(column, found: text, allowed: "an integer from 1 to \(most)")
            return 1
        }
        return value
    }

    /// Read a number above 0; nil for an empty cell.
    mutating func number(ifAny column: String) -> Double? {
        cells[column]?.isEmpty == true ? nil : number(column)
    }

    /// Read a number above 0; 1, with a problem, when the cell holds none.
    mutating func number(_ column: String) -> Double {
        let text = cells[column] ?? ""
        let isDecimal = text.utf8.allSatisfy { "0123456789.eE+-".utf8.contains($0) }
        guard isDecimal, let value = Double(text), value.isFinite, value > 0 else {
            problem(column, found: text, allowed: "a number above 0")
            return 1
        }
        return value
    }

    /// Read one of some words and return its value; nil, with a problem, for other words.
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
