import Basics
import FoundationEssentials
import MadeUpRuns
import TestSupport
import Testing

@testable import Reports

@Suite("Comparisons of sweeps")
struct SweepComparisonTests {
    private let temporary: TemporaryFolder

    init() throws {
        temporary = try TemporaryFolder()
    }

    private static func compare(_ a: SweepSummary, _ b: SweepSummary) throws -> ComparisonReport {
        try ComparisonReport(ComparisonSide("before", sweep: a), ComparisonSide("after", sweep: b))
    }

    @Test func pointsAreMatchedByWhatIsVaried() throws {
        let report = try Self.compare(
            SweepSamples.summary([("1", [0.4, 0.41, 0.39]), ("2", [0.2, 0.21, 0.19]), ("4", [0.1])]),
            SweepSamples.summary([("2", [0.1, 0.11, 0.09]), ("1", [0.4, 0.42, 0.38]), ("8", [0.05])])
        )
        #expect(report.repeats == .runs)
        #expect(report.points.map(\.parameters) == [["cluster.workers=1"], ["cluster.workers=2"]])
        #expect(
            report.unmatched.map { "\($0.side) \($0.parameters)" } == [
                "a [\"cluster.workers=4\"]", "b [\"cluster.workers=8\"]",
            ]
        )
        let verdicts = report.points.map { $0.row("time.step_seconds.p50")?.verdict }
        #expect(verdicts == [.withinNoise, .lower])
        #expect(report.points[1].rows.map(\.figure) == ["time.step_seconds.p50"])
    }

    @Test func orderOfKeysDoesNotMatter() throws {
        func summary(_ keys: [(key: String, text: String?)]) throws -> SweepSummary {
            SweepSummary(keys: keys.map(\.key), rows: [SweepSamples.row(keys, try SweepSamples.record("p"))])
        }
        let report = try Self.compare(
            summary([("x", "1"), ("y", "2"), ("z", nil)]),
            summary([("y", "2"), ("x", "1")])
        )
        #expect(report.points.count == 1)
        let error = #expect(throws: ReportError.self) {
            try Self.compare(summary([("x", "1")]), summary([("y", "1")]))
        }
        #expect(
            error?.description
                == "the sweeps have no point in common: A varies x, B varies y; points are matched by all "
                + "that is varied"
        )
    }

    @Test func failedRunsAreNoRepeats() throws {
        let rows = [
            SweepSamples.row([("x", "1")], try SweepSamples.record("p", status: .invalid, reasons: ["short"])),
            SweepSamples.row([("x", "1")], SweepSamples.failure("p", repeat: 2, "no luck")),
        ]
        let summary = SweepSummary(keys: ["x"], rows: rows)
        let report = try Self.compare(summary, summary)
        #expect(report.points[0].row("time.step_seconds.p50")?.a?.repeats == 1)
        #expect(
            report.warnings == [
                "A: run p-r1 is INVALID: short", "B: run p-r1 is INVALID: short", "A and B are the same",
            ]
        )
    }
}
