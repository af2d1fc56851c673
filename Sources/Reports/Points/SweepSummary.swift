public import Basics
import FoundationEssentials

/// All runs of a sweep that have ended, one row each.
public struct SweepSummary: Equatable, Sendable {
    /// The keys that the sweep varies, in its order.
    public let keys: [String]
    /// The keys that have one value, which only some points read: ``SweepRow/set`` has them.
    public let keysOfSome: [String]
    /// The runs, in the order of the sweep.
    public let rows: [SweepRow]

    /// A summary; every row has the parameters `keys`, and the values of `keysOfSome` under ``SweepRow/set``.
    public init(keys: [String], keysOfSome: [String] = [], rows: [SweepRow]) {
        self.keys = keys
        self.keysOfSome = keysOfSome
        self.rows = rows
    }

    /// The name of the file with the summary, in the folder of a sweep.
    public static let fileName = "summary.csv"
    /// The names of the columns before those of the varied keys, and of the first column behind these.
    static let (firstColumns, columnBehindKeys) = (["point", "repeat", "seed", "status", "reason"], "clock")
    /// The names of the last columns.
    private static let lastColumns = ["oversubscribed", "seconds"]

    /// The names of the columns of `summary.csv`.
    public var columns: [String] {
        Self.firstColumns + keys + [Self.columnBehindKeys] + keysOfSome + PointFigures.columns
            + Self.lastColumns
    }

    /// Read the varied keys and their values from the text of `summary.csv`.
    ///
    /// - Parameters:
    ///   - name: the name of the file in errors.
    ///   - records: the runs; a row whose run is not among them is omitted.
    /// - Throws: ``ReportError`` that names the row.
    public init(csv text: String, called name: String, records: [PointName: PointRecord]) throws(ReportError) {
        let shown = Printable.text(name)
        let lines: [[String]]
        do {
            lines = try CSVReader.rows(of: text).map(\.fields)
        } catch {
            throw ReportError(.file, "'\(shown)' \(error)")
        }
        let first = Self.firstColumns.count
        guard let header = lines.first, Array(header.prefix(first)) == Self.firstColumns,
            let end = header.lastIndex(of: Self.columnBehindKeys), end >= first
        else { throw ReportError(.file, "'\(shown)' is no summary of a sweep: its header is another") }
        guard header.last == Self.lastColumns.last, text.hasSuffix("\n") || text.hasSuffix("\r\n") else {
            throw ReportError(.file, "'\(shown)' is cut off: its last line is not whole")
        }
        let keys = Array(header[first..<end])
        // The figures of another version may be others: what is a key has a dot.
        let behind = header.dropFirst(end + 1)
        let keysOfSome = Array(behind.prefix { $0.contains(".") })
        var rows: [SweepRow] = []
        for (number, line) in lines.enumerated().dropFirst() {
            let place = "'\(shown)' row \(number + 1)"
            guard line.count == header.count else {
                throw ReportError(.file, "\(place): found \(line.count) fields, not \(header.count)")
            }
            guard let turn = Int(line[1]) else {
                throw ReportError(.file, "\(place): its repeat is '\(Printable.text(line[1]))', which is no number")
            }
            guard let record = records[PointName(point: line[0], repeat: turn)] else { continue }
            func parameters(_ keys: [String], _ values: ArraySlice<String>) -> [SweepParameter] {
                zip(keys, values).map { SweepParameter(key: $0, text: $1.isEmpty ? nil : $1, isBare: false) }
            }
            rows.append(
                SweepRow(
                    parameters: parameters(keys, line[first..<end]),
                    set: parameters(keysOfSome, line[(end + 1)...]),
                    record: record
                )
            )
        }
        self.init(keys: keys, keysOfSome: keysOfSome, rows: rows)
    }

    /// The cells of `summary.csv`, one row per run and one text per column; nil where there is no value.
    public var cells: [[String?]] {
        rows.map { row in
            let record = row.record
            let name = [
                record.name.point, "\(record.name.repeat)", "\(record.seed)", record.status.rawValue, row.reason,
            ]
            let keys: [String?] = row.parameters.map(\.text) + [record.clock.rawValue] + row.set.map(\.text)
            let figures: [String?] = PointFigures.columns.map(record.figures.text)
            return name + keys + figures + ["\(record.figures.isOversubscribed)", "\(record.seconds)"]
        }
    }

    /// The rows as `summary.csv`: a header, and one line per run with an empty field where there is no value.
    public func csv() -> String {
        ([columns] + cells.map { $0.map { $0 ?? "" } }).map(CSVField.row).joined()
    }

    /// The rows as JSON: a list of objects with the columns as keys, the varied keys under `parameters`, and those of
    /// ``keysOfSome`` under `set`.
    ///
    /// - Throws: `JSONError` when a number is infinite or not a number.
    public func json() throws(JSONError) -> String { try JSONText.of(rows, called: "the summary") }
}

/// The value that one varied key of a sweep has at one point.
public struct SweepParameter: Equatable, Sendable, Encodable {
    /// Dotted key of the configuration.
    public let key: String
    /// The value as text, or nil where the key does not apply to the point.
    public let text: String?
    /// True for a number or a boolean, which JSON writes without quotes.
    public let isBare: Bool

    /// The value `text` of the varied key `key` at one point.
    public init(key: String, text: String?, isBare: Bool) {
        self.key = key
        self.text = text
        self.isBare = isBare
    }

    /// Write the value: a number or a boolean where it is one, else a text, or `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch text {
        case nil: try container.encodeNil()
        case let text? where isBare:
            if let value = Int(text) {
                try container.encode(value)
            } else if let value = Double(text) {
                try container.encode(value)
            } else if let value = Bool(text) {
                try container.encode(value)
            } else {
                try container.encode(text)
            }
        case let text?: try container.encode(text)
        }
    }
}

extension [SweepParameter] {
    /// The values of the varied keys, in one line.
    public var label: String { map { "\($0.key)=\($0.text ?? "-")" }.joined(separator: " ") }
}

/// One run of a sweep as a row: the varied values, and the record of the run.
public struct SweepRow: Equatable, Sendable, Encodable {
    /// The values of the varied keys, in the order of the sweep.
    public let parameters: [SweepParameter]
    /// The values of the keys that have one value, which only some points read; without a text where this one does not.
    public let set: [SweepParameter]
    /// The record of the run.
    public let record: PointRecord

    /// A row with the varied values, those that only some points read, and the record of one run.
    public init(parameters: [SweepParameter], set: [SweepParameter] = [], record: PointRecord) {
        self.parameters = parameters
        self.set = set
        self.record = record
    }

    private enum CodingKeys: String, CodingKey {
        case point, `repeat`, seed, status, reason, parameters, set, clock, seconds, oversubscribed
    }

    /// Write the columns of ``SweepSummary/csv()`` as keys, with the varied values together under `parameters`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(record.name.point, forKey: .point)
        try container.encode(record.name.repeat, forKey: .repeat)
        try container.encode(record.seed, forKey: .seed)
        try container.encode(record.status, forKey: .status)
        try container.encode(reason, forKey: .reason)
        func values(_ parameters: [SweepParameter]) -> [String: SweepParameter] {
            Dictionary(parameters.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        }
        try container.encode(values(parameters), forKey: .parameters)
        if !set.isEmpty { try container.encode(values(set), forKey: .set) }
        try container.encode(record.clock, forKey: .clock)
        try container.encode(record.seconds, forKey: .seconds)
        try container.encode(record.figures.isOversubscribed, forKey: .oversubscribed)
        try record.figures.encode(to: encoder)
    }

    /// The reasons for which the run is not valid, in one line, or nil.
    var reason: String? { record.reasons.isEmpty ? nil : record.reasons.joined(separator: "; ") }
}
