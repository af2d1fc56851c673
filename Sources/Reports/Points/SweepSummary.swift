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
