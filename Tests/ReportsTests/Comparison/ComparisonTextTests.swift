import Figures
import MadeUpRuns
import Testing

@testable import Reports

@Suite("Comparisons as text")
struct ComparisonTextTests {
    private static func runs(width: Int = 120) throws -> [String] {
        let a = try ComparisonReportTests.run("a")
        let b = try ComparisonReportTests.run("b", seconds: MadeUpRun.small.seconds.map { $0 / 2 })
        let report = try ComparisonReport(
            ComparisonSide("one", runs: [a]),
            ComparisonSide("two", runs: [b]),
            configDifferences: ConfigDifference.all(["model.layers": "2"], ["model.layers": "4"])
        )
        return ComparisonText.render(report, width: width).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    @Test func runsHaveBarsAndATable() throws {
        let lines = try Self.runs()
        #expect(lines[0] == "# A  one: 1 run, measured clock" && lines[1] == "# B  two: 1 run, measured clock")
        #expect(lines[2] == "# differs: model.layers: A 2, B 4")
        let first = try #require(lines.firstIndex(of: "step, mean [ms]"))
        func length(_ line: String) -> Int { line.filter { "█▒".contains($0) }.count }
        #expect(lines[first + 1].hasPrefix("  A █") && lines[first + 2].hasPrefix("  B ▒"))
        #expect(abs(2 * length(lines[first + 2]) - length(lines[first + 1])) <= 1)
        #expect(lines[first + 1].hasSuffix(" 13.200 ± 4.920"))
        let row = try #require(lines.first { $0.hasPrefix("step, mean  ") })
        #expect(
            row.contains("13.200") && row.contains("6.600") && row.contains("-6.600")
                && row.contains("B is faster by 50 % (")
        )
        #expect(lines.contains { $0.hasPrefix("step, median") && $0.hasSuffix("too few repeats to tell") })
        #expect(lines.contains { $0.hasPrefix("rank imbalance") && $0.hasSuffix("the same") })
        #expect(lines.contains { $0.contains("95 % interval") })
        #expect(lines.contains { $0.hasPrefix("note: repeats are the measured steps of one run each") })
    }

    @Test(arguments: [40, 80, 120])
    func linesKeepToTheWidth(width: Int) throws {
        // A row of a table cannot be narrower than its first column and its verdict.
        let lines = try Self.runs(width: width).filter { !$0.contains("B is ") && !$0.contains("verdict") }
        #expect(lines.allSatisfy { $0.count <= max(width, 60) }, "\(lines.filter { $0.count > width })")
    }

    @Test func sweepsHaveAPairOfBarsPerPoint() throws {
        func summary(_ factor: Double) throws -> SweepSummary {
            let points: [(String, Double)] = [("1", 0.4), ("2", 0.2)]
            let rows = try points.map { workers, step in
                SweepSamples.row(
                    [("cluster.workers", .some(workers))],
                    try SweepSamples.record("p\(workers)") { $0[FigureName(.stepSeconds, .mean)] = step * factor }
                )
            }
            return SweepSummary(keys: ["cluster.workers"], rows: rows)
        }
        let report = try ComparisonReport(
            ComparisonSide("x", sweep: summary(1)),
            ComparisonSide("y", sweep: summary(0.5))
        )
        let text = ComparisonText.render(report, width: 60)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines[0] == "# A  x, a sweep: 2 runs, measured clock")
        let place = try #require(lines.firstIndex(of: "step, mean [ms]"))
        #expect(lines[place + 1] == "  cluster.workers=1" && lines[place + 4] == "  cluster.workers=2")
        #expect(lines.contains("## cluster.workers=1"))
        #expect(text.contains("too few repeats to tell") && lines.last?.hasPrefix("note: repeats are runs") == true)
    }
}
