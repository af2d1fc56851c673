public import Basics

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
        ["point", "repeat", "seed", "status", "reason"] + keys + ["clock"] + Self.figures.map(\.name)
    }

    /// The rows as texts, one per column; nil where there is no value.
    public var cells: [[String?]] {
        rows.map { row in
            let record = row.record
            return [record.name.point, "\(record.name.repeat)", "\(record.seed)", record.status.rawValue, row.reason]
                + row.parameters.map(\.text) + [record.clock.rawValue] + Self.figures.map { $0.text(record) }
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
    /// - Throws: ``JSONError`` when a number is infinite or not a number.
    public func json() throws(JSONError) -> String { try JSONText.of(rows) }

    private struct Figure: Sendable {
        let name: String
        let text: @Sendable (PointRecord) -> String?

        init(_ name: String, _ text: @escaping @Sendable (PointRecord) -> String?) {
            self.name = name
            self.text = text
        }

        init(_ name: String, _ path: any KeyPath<PointFigures, Double?> & Sendable) {
            self.init(name) { $0.figures[keyPath: path].map { "\($0)" } }
        }

        init(_ name: String, count path: any KeyPath<PointFigures, Int?> & Sendable) {
            self.init(name) { $0.figures[keyPath: path].map { "\($0)" } }
        }
    }

    private static let figures = [
        Figure("step_seconds_p50", \.stepSecondsP50),
        Figure("step_seconds_mean", \.stepSecondsMean),
        Figure("step_seconds_p90", \.stepSecondsP90),
        Figure("tokens_per_second", \.tokensPerSecond),
        Figure("imbalance", \.imbalance),
        Figure("balancedness", \.balancedness),
        Figure("maxvio", \.maxvio),
        Figure("maxvio_end", \.maxvioEnd),
        Figure("balance_loss", \.balanceLoss),
        Figure("exposed_share", \.exposedShare),
        Figure("communication_seconds", \.communicationSeconds),
        Figure("dropped_share", \.droppedShare),
        Figure("busy_processes", count: \.busyProcesses),
        Figure("cores", count: \.cores),
        Figure("oversubscribed") { "\($0.figures.isOversubscribed)" },
        Figure("seconds") { "\($0.seconds)" },
    ]
}
