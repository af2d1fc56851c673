public import Basics
import FoundationEssentials

/// All runs of a sweep that have ended, one row each.
public struct SweepSummary: Equatable, Sendable {
    /// The keys that the sweep varies, in its order.
    public let keys: [String]
    /// The runs, in the order of the sweep.
    public let rows: [SweepRow]

    /// A summary; every row has the parameters `keys`.
    public init(keys: [String], rows: [SweepRow]) {
        self.keys = keys
        self.rows = rows
    }

    /// The names of the columns.
    public var columns: [String] {
        ["point", "repeat", "seed", "status", "reason"] + keys + ["clock"] + PointFigures.columns
            + ["oversubscribed", "seconds"]
    }

    /// The rows as texts, one per column; nil where there is no value.
    public var cells: [[String?]] {
        rows.map { row in
            let record = row.record
            return [record.name.point, "\(record.name.repeat)", "\(record.seed)", record.status.rawValue, row.reason]
                + row.parameters.map(\.text) + [record.clock.rawValue] + PointFigures.columns.map(record.figures.text)
                + ["\(record.figures.isOversubscribed)", "\(record.seconds)"]
        }
    }

    /// The rows as `summary.csv`: a header, and one line per run with an empty field where there is no value.
    public func csv() -> String {
        var text = columns.map(CSVField.text).joined(separator: ",") + "\n"
        for row in cells { text += row.map { CSVField.text($0 ?? "") }.joined(separator: ",") + "\n" }
        return text
    }

    /// The rows as JSON: a list of objects with the columns as keys, and the varied keys under `parameters`.
    ///
    /// - Throws: `JSONError` when a number is infinite or not a number.
    public func json() throws(JSONError) -> String { try JSONText.of(rows, called: "the summary") }
}

extension SweepSummary {
    /// Reads the summary of a sweep: the runs from their folders, what was varied from `summary.csv`.
    ///
    /// Runs that are not in `summary.csv`, which an earlier version of the sweep file left, do not count.
    ///
    /// - Parameter path: the folder of the sweep.
    /// - Throws: ``ReportError`` that names the file when one cannot be read.
    public init(folder path: String) throws(ReportError) {
        let file = "\(path)/summary.csv"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw ReportError(.file, "'\(Printable.text(file))' cannot be read")
        }
        let shown = Printable.text(file)
        let lines: [[String]]
        do {
            lines = try CSVReader.rows(of: text).map(\.fields)
        } catch {
            throw ReportError(.file, "'\(shown)' \(error)")
        }
        guard let header = lines.first, header.prefix(5) == ["point", "repeat", "seed", "status", "reason"],
            let end = header.lastIndex(of: "clock"), end >= 5
        else { throw ReportError(.file, "'\(shown)' is no summary of a sweep: its header is another") }
        let records = try SweepFolder.records(in: path)
        let keys = Array(header[5..<end])
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
            let parameters = zip(keys, line[5..<end]).map { key, value in
                SweepParameter(key: key, text: value.isEmpty ? nil : value, isBare: false)
            }
            rows.append(SweepRow(parameters: parameters, record: record))
        }
        self.init(keys: keys, rows: rows)
    }
}
