import Basics
import Figures
import MadeUpRuns
import Records
import Reports
import Sweeps
import TestSupport
import Testing

@Suite("Table of a sweep")
struct SweepTableTests {
    private static let strong = ScalingRule(ideal: .strong, scale: "cluster.workers", keysBesideScale: [])
    private static let weak = ScalingRule(ideal: .weak, scale: "cluster.workers", keysBesideScale: [])

    /// The table without its title.
    private func lines(_ summary: SweepSummary, _ rule: ScalingRule? = nil, width: Int = 120) -> [String] {
        let lines = SweepTable(summary, rule: rule).text(width: width).split(separator: "\n").map(String.init)
        #expect(lines.first == "# points: medians over the runs of each; measured clock")
        return Array(lines.dropFirst())
    }

    /// The last two columns of a row.
    private func scaling(_ line: String) -> [String] { line.split(separator: " ").suffix(2).map(String.init) }

    @Test func takesTheRunsOfAPointTogether() throws {
        let lines = lines(try SweepSamples.summary([("2", [0.100, 0.120, 0.104])]))
        #expect(lines.count == 3)
        // The median, and (max - min) / median.
        #expect(lines[2].split(separator: " ").prefix(4) == ["2", "3", "104.000", "19.2"])
    }

    @Test func loadsHaveASpread() throws {
        func lines(_ loads: [Double]) throws -> [String] {
            let rows = try loads.enumerated().map { turn, load in
                SweepSamples.row(
                    [("a.x", "1")],
                    try SweepSamples.record("a", repeat: turn + 1) {
                        $0[.rankImbalance] = load
                        $0[.tokensPerSecondPerRank] = 123.4
                    }
                )
            }
            return self.lines(SweepSummary(keys: ["a.x"], rows: rows))
        }
        let spread = try lines([1.5, 2, 1.75])
        #expect(spread[0].split(separator: " ").filter { $0 == "spread" }.count == 2)
        // (2 - 1.5) / 1.75
        #expect(spread[2].split(separator: " ").map(String.init)[5...7] == ["123", "1.750", "28.6"])
        // Runs of one seed have the same loads.
        #expect(try lines([2, 2])[0].split(separator: " ").filter { $0 == "spread" }.count == 1)
    }

    @Test func notesAndWarningsHaveTheirNames() throws {
        let rows = ["1", "2"].map { value in
            let outcome = PointOutcome(
                status: .valid,
                reasons: [],
                notes: ["family x was taken"],
                warnings: value == "1" ? ["out of range"] : [],
                figures: PointFigures()
            )
            let name = PointName(point: "p\(value)", repeat: 1)
            let record = PointRecord(outcome, name: name, seed: 1, clock: .measured, seconds: 1)
            return SweepSamples.row([("a.x", value)], record)
        }
        #expect(
            SweepTable(SweepSummary(keys: ["a.x"], rows: rows), rule: nil).notes == [
                "note (2 of 2 points): family x was taken", "warning (1 of 2 points): out of range",
            ]
        )
    }

    @Test func showsStrongScaling() throws {
        let points = [("4", [0.04]), ("1", [0.1, 0.1]), ("2", [0.0625])]
        let lines = lines(try SweepSamples.summary(points), Self.strong)
        #expect(scaling(lines[2]) == ["2.50", "62.5"])
        #expect(scaling(lines[3]) == ["1.00", "100.0"])
        #expect(scaling(lines[4]) == ["1.60", "80.0"])
        #expect(lines[5].hasPrefix("strong scaling against the smallest cluster.workers"))
    }

    @Test func showsWeakScaling() throws {
        let lines = lines(try SweepSamples.summary([("2", [0.1]), ("8", [0.125])]), Self.weak)
        #expect(scaling(lines[2]) == ["1.00", "100.0"])
        #expect(scaling(lines[3]) == ["3.20", "80.0"])
        #expect(lines[4].hasPrefix("weak scaling"))
    }

    @Test func holdsOnlyPointsOfOneKindAgainstEachOther() throws {
        let rule = ScalingRule(ideal: .strong, scale: "cluster.workers", keysBesideScale: ["router.top_k"])
        let points = [("1", "1", 0.1), ("2", "1", 0.05), ("1", "2", 0.3), ("2", "2", 0.2)]
        let rows = try points.map { workers, top, step in
            SweepSamples.row(
                [("cluster.workers", workers), ("router.top_k", top)],
                try SweepSamples.record("\(workers)-\(top)", step: step)
            )
        }
        let lines = lines(SweepSummary(keys: ["cluster.workers", "router.top_k"], rows: rows), rule)
        #expect(lines[2...5].map { scaling($0)[1] } == ["100.0", "100.0", "100.0", "75.0"])
    }

    @Test func hasNoScalingWhereTheSmallestPointFailed() throws {
        let rows = [
            SweepSamples.row([("cluster.workers", "1")], SweepSamples.failure("a", "it broke")),
            SweepSamples.row([("cluster.workers", "2")], try SweepSamples.record("b")),
        ]
        let lines = lines(SweepSummary(keys: ["cluster.workers"], rows: rows), Self.strong)
        #expect(lines[2].split(separator: " ").suffix(3) == ["-", "-", "!"])
        #expect(scaling(lines[3]) == ["-", "-"])
        #expect(lines.last == "! cluster.workers=1 repeat 1: it broke")
    }

    @Test func marksWhatIsNotToBeReliedOn() throws {
        let rows = [
            SweepSamples.row([("a.x", "1")], try SweepSamples.record("a", busy: 2)),
            SweepSamples.row([("a.x", "2")], try SweepSamples.record("b", busy: 5)),
            SweepSamples.row([("a.x", "3")], try SweepSamples.record("c", status: .invalid, reasons: ["few", "late"])),
            SweepSamples.row([("a.x", "3")], SweepSamples.failure("c", repeat: 2, "gone\u{1B}[2J")),
        ]
        let lines = lines(SweepSummary(keys: ["a.x"], rows: rows))
        #expect(!lines[2].hasSuffix("*") && lines[3].hasSuffix("  *") && lines[4].hasSuffix("  ?!"))
        #expect(lines[5].hasPrefix("* more busy processes than cores (up to 5 on 2): times show sharing"))
        #expect(lines[lines.count - 2] == "? 1 of the runs INVALID, do not rely on them; the first: few; late")
        #expect(lines.last == "! a.x=3 repeat 2: gone?[2J")
    }

    @Test func hasTheColumnsThatSaySomething() throws {
        func header(_ change: (inout PointFigures) -> Void) throws -> String {
            let row = SweepSamples.row([("a.x", "1"), ("b.x", "2")], try SweepSamples.record("a", change: change))
            return lines(SweepSummary(keys: ["a.x", "b.x"], rows: [row]))[0]
        }
        let plain = try header { $0[.droppedFraction] = 0 }
        #expect(plain.hasPrefix("a.x  b.x  runs") && !plain.contains("dropped") && !plain.contains("at end"))
        let lost = try header { $0[.droppedFraction] = 0.1 }
        #expect(lost.contains("dropped   without") || lost.contains("dropped  without"), "\(lost)")
        #expect(try header { $0[.unservedFraction] = 0.1 }.contains("dropped") && !plain.contains("no load"))
        #expect(try header { $0[.withoutLoad] = 3 }.contains("no load"))
        #expect(try header { $0[.maxvioEnd] = 0.1 }.contains("at end"))
    }

    @Test func saysThatThereIsNothing() {
        #expect(SweepTable(SweepSummary(keys: ["a"], rows: []), rule: nil).text(width: 80) == "no run has ended yet\n")
    }

    @Test func aKeyThatAPointDoesNotReadIsADash() throws {
        let rows = try [("a", "2"), ("b", nil)].map { point, value in
            SweepRow(
                parameters: [SweepParameter(key: "router.kind", text: point, isBare: false)],
                set: [SweepParameter(key: "router.capacity_factor", text: value, isBare: true)],
                record: try SweepSamples.record(point)
            )
        }
        let summary = SweepSummary(keys: ["router.kind"], keysOfSome: ["router.capacity_factor"], rows: rows)
        let lines = lines(summary)
        #expect(lines[0].split(separator: " ").prefix(2) == ["kind", "capacity_factor"])
        #expect(lines[2].split(separator: " ").prefix(2) == ["a", "2"])
        #expect(lines[3].split(separator: " ").prefix(2) == ["b", "-"])
        #expect(lines.last == "router.capacity_factor: 1 of 2 points read it")
        #expect(PointGroup.all(summary.rows).map(\.label) == ["router.kind=a", "router.kind=b"])
        let page = try SweepPage(summary, name: "s", rule: nil, sweepFile: "").html()
        #expect(page.contains("router.capacity_factor: 1 of 2 points read it"))
    }
}
