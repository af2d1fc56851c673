import Figures
import MadeUpRuns
import Records
import Reports
import Testing

@Suite("Terminal report")
struct TerminalReportTests {
    private static func sections(_ text: String) -> [[String]] {
        var sections: [[String]] = [[]]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.isEmpty { sections.append([]) } else { sections[sections.count - 1].append(line) }
        }
        return sections.filter { !$0.isEmpty }
    }

    @Test(arguments: [1, 2, 4, 8, 64])
    func fitsTheTerminalAndEndsInNoSpaces(ranks: Int) throws {
        let text = TerminalReport.render(try MadeUpRun(ranks: ranks, layers: 4, steps: 20).verifiedReport())
        let sections = Self.sections(text)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 120 })
        #expect(sections.count == 8)
        for section in sections[1...6] {
            let table = section.filter {
                !$0.hasPrefix("#") && !$0.hasPrefix("  ") && !$0.hasPrefix("dropped: ") && !$0.hasPrefix("residual: ")
                    && !$0.hasPrefix("without expert: ")
            }
            #expect(!table.isEmpty && table.allSatisfy { $0.last != " " }, "\(section)")
        }
        let rows = sections[1].filter { Int($0.prefix(4).drop { $0 == " " }) != nil }
        #expect(rows.count == ranks)
        #expect(sections[0].filter { $0.hasPrefix("# rank ") }.count == ranks)
    }

    @Test func headerSaysWhatWasRun() throws {
        let lines = Self.sections(
            TerminalReport.render(try MadeUpRun(ranks: 4, layers: 4, steps: 20).verifiedReport())
        )[0]
        #expect(lines.allSatisfy { $0.hasPrefix("# ") })
        #expect(lines[0] == "# epsim 0.1.0, run 20250131T120000Z-3fa9c1, started 2025-01-31T12:00:00Z")
        #expect(lines[1] == "# clock: measured")
        #expect(lines[2] == "# config: configs/quickstart.yaml, seed 1")
        #expect(lines.last == "# rank 3: pid 12343 on buildbox, 2 experts, weights 48.0 MiB, kernel brgemm:avx512_core")
    }

    @Test func rankTableHasAUnitsRowAndOneRowPerRank() throws {
        let table = Self.sections(TerminalReport.render(try MadeUpRun.small.report()))[1]
        #expect(
            table == [
                "# ranks: per step, sum over layers, mean of 5 steps; share, imbalance: mean over layers; measured clock",
                "rank  experts  tokens  share  imbalance  dispatch  queue  compute  combine   wait  bytes out  bytes in",
                "       /layer  copies      %     × mean        ms     ms       ms       ms     ms          B         B",
                "   0        2    14.4   60.0      1.200     2.000  1.000    2.000    1.000  5.200       1568       272",
                "   1        2     9.6   40.0      0.800     2.000  1.000    2.000    1.000  5.200       1088       224",
                String(repeating: "-", count: 102),
                "mean        2    12.0   50.0      1.000     2.000  1.000    2.000    1.000  5.200       1328       248",
                " max        2    14.4   60.0      1.200     2.000  1.000    2.000    1.000  5.200       1568       272",
            ]
        )
    }

    @Test func summariesGiveTheFigures() throws {
        let text = TerminalReport.render(try MadeUpRun.small.report())
        for line in [
            "rank imbalance     max / mean        1.267  1.250  1.550   2.000",
            "expert CV²         variance / mean²  0.678  0.333  1.200   3.000",
            "dropped: 4 copies (3.2 % of all, at most 25.0 % of a layer)",
            "without expert: 3 tokens (5.0 % of all, at most 50.0 % in a layer); each counts once per layer",
            "step        ms        13.200  12.000  17.200  20.000",
            "% of step   11.4      15.2    7.6     15.2      7.6   39.4    3.8       0.0",
            "throughput  tokens/s   481.4   500.0   578.2   600.0",
            "exposed communication  in flight while nothing computed                  1.000  ms      7.6  step",
            "bytes in               envelopes and payloads received from the ranks      496  B      15.7  bytes out + in",
            "traffic, deduplicated  token rows between ranks, one per token and rank    660  B      60.0  naive traffic",
        ] {
            #expect(text.contains(line + "\n"), "\(text)")
        }
        #expect(!text.contains("nan") && !text.contains("inf\n"))
    }

    @Test func theWorstResidualIsStated() throws {
        var steps = MadeUpRun.small.steps
        steps[1].layers[1].ranks[1].seconds.compute += 60e-6
        let text = TerminalReport.render(try MadeUpRun.small.report(steps))
        let line = "residual: at worst 60.0 µs (step 1, rank 1; limit there 400.0 µs); 0 of 5 steps pass their limit"
        #expect(text.contains("\n\(line)\n"))
    }

    @Test func theVerdictStandsLast() throws {
        let valid = try MadeUpRun.small.report(verification: Verification(wrongTokens: 0, checkedTokens: 30))
        #expect(TerminalReport.render(valid).hasSuffix("\n\nVALID\nwrong tokens: 0 OK (30 checked)\n"))
        let failed = try MadeUpRun.small.report(verification: Verification(wrongTokens: 2, checkedTokens: 30))
        let end = "\n\nFAILED: 2 of 30 tokens are wrong\nwrong tokens: 2 WRONG (30 checked)\n"
        #expect(TerminalReport.render(failed).hasSuffix(end))
        var run = MadeUpRun.small.description
        run.steps = 3
        let invalid = try MadeUpRun.small.report(MadeUpRun.small.steps.dropLast(2), run)
        let reason =
            "INVALID: too few steps to state a spread: 3 measured, at least 5 needed\nwrong tokens: not verified\n"
        #expect(TerminalReport.render(invalid).hasSuffix("\n\n" + reason))
    }

    @Test func aRunWithoutStepsHasHeaderAndVerdictOnly() throws {
        let report = try MadeUpRun.small.report([], end: .failed("worker 1 sent\u{1B}[2J garbage\nand more"))
        let sections = Self.sections(TerminalReport.render(report))
        #expect(sections.count == 2)
        #expect(sections[1][0] == "FAILED: worker 1 sent?[2J garbage?and more")
    }

    @Test func onlyWarningsAndVerdictAreColoured() throws {
        var run = MadeUpRun.small.description
        run.hosts[0].cores = 1
        var report = try MadeUpRun.small.report(MadeUpRun.small.steps, run)
        report.check([Requirement(.maxvio, .below, 0.5), Requirement(.maxvio, .below, 2)])
        let plain = TerminalReport.render(report)
        let colored = TerminalReport.render(report, options: .init(color: true))
        #expect(!plain.contains("\u{1B}"))
        let painted = colored.split(separator: "\n").filter { $0.contains("\u{1B}") }
        #expect(
            painted == [
                "\u{1B}[33mwarning: 3 busy processes on 1 cores of buildbox: times show sharing as well as work; loads are "
                    + "exact\u{1B}[0m",
                "\u{1B}[31mrequirement maxvio<0.5: missed, actual 1\u{1B}[0m",
                "\u{1B}[32mVALID\u{1B}[0m",
            ]
        )
        #expect(
            colored.replacing("\u{1B}[33m", with: "").replacing("\u{1B}[31m", with: "")
                .replacing("\u{1B}[32m", with: "").replacing("\u{1B}[0m", with: "") == plain
        )
    }

    @Test func longLinesAreBrokenAtTheWidth() throws {
        var run = MadeUpRun.small.description
        run.commandLine = ["epsim", "run"] + (0..<60).map { "--set key.number\($0)=1" }
        run.workers[1].host = String(repeating: "h", count: 200)
        run.workers[1].clockUncertaintySeconds = 1e-6
        let text = TerminalReport.render(
            try MadeUpRun.small.report(MadeUpRun.small.steps, run),
            options: .init(width: 100)
        )
        let header = Self.sections(text)[0]
        #expect(header.allSatisfy { $0.count <= 100 && $0.hasPrefix("# ") })
        #expect(header.contains { $0.contains("hhhhhhhhhhhhhhhhhhhhhhh…, 2 experts") && $0.contains("clock ±1.0 µs") })
    }
}
