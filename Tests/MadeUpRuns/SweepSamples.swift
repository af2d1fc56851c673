import Basics
import Figures
public import Reports
import TestSupport

/// Made-up runs of a sweep.
public enum SweepSamples {
    /// A run with a median step, on two cores.
    public static func record(
        _ point: String,
        repeat turn: Int = 1,
        step: Double? = 0.1,
        status: RunStatus = .valid,
        reasons: [String] = [],
        busy: Int = 2,
        change: (inout PointFigures) -> Void = { _ in }
    ) throws -> PointRecord {
        var figures = PointFigures()
        figures[.stepSeconds] = step
        figures[.busyProcesses] = Double(busy)
        figures[.cores] = 2
        change(&figures)
        let name = PointName(point: point, repeat: turn)
        return PointRecord(
            PointOutcome(status: status, reasons: reasons, figures: figures),
            name: name,
            seed: 1,
            clock: .measured,
            seconds: 1.5
        )
    }

    /// A failed run.
    public static func failure(_ point: String, repeat turn: Int = 1, _ reason: String) -> PointRecord {
        let name = PointName(point: point, repeat: turn)
        return PointRecord(PointOutcome(failure: reason), name: name, seed: 1, clock: .measured, seconds: 0.5)
    }

    /// A row with numbers as parameters; nil for one that does not apply.
    public static func row(_ values: [(key: String, text: String?)], _ record: PointRecord, isBare: Bool = true)
        -> SweepRow
    {
        let parameters = values.map { SweepParameter(key: $0.key, text: $0.text, isBare: isBare) }
        return SweepRow(parameters: parameters, record: record)
    }

    /// Rows of points with `workers` and the medians of their runs.
    public static func summary(_ points: [(workers: String, steps: [Double])]) throws -> SweepSummary {
        let rows = try points.flatMap { workers, steps in
            try steps.enumerated().map { turn, step in
                row([("cluster.workers", workers)], try record("p\(workers)", repeat: turn + 1, step: step))
            }
        }
        return SweepSummary(keys: ["cluster.workers"], rows: rows)
    }
}
