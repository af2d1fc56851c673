import Basics
import Figures
import MadeUpRuns
import MoE
import Records
import TestSupport
import Testing

@testable import Reports

@Suite("Comparisons")
struct ComparisonReportTests {
    /// A run of the small kind with steps of other lengths.
    static func run(
        _ id: String = "a",
        seconds: [Double] = MadeUpRun.small.seconds,
        change: (inout RunDescription) -> Void = { _ in },
        end: RunEnd = .completed
    ) throws -> Report {
        var run = MadeUpRun.small.description
        run.id = id
        change(&run)
        let steps = zip(MadeUpRun.small.steps, seconds).map { step, seconds in
            var step = step
            step.seconds = seconds
            return step
        }
        return try MadeUpRun.small.report(steps, run, end: end)
    }

    private static func compare(_ a: [Report], _ b: [Report], confidence: Double = 0.95) throws -> ComparisonReport {
        try ComparisonReport(ComparisonSide("one", runs: a), ComparisonSide("two", runs: b), confidence: confidence)
    }

    /// The interval is that of scipy 1.17.1, `ttest_ind(b, a, equal_var=False).confidence_interval(0.95)`.
    @Test func stepsOfSingleRunsAreRepeats() throws {
        let report = try Self.compare(
            [try Self.run("a")],
            [try Self.run("b", seconds: [0.011, 0.009, 0.012, 0.018, 0.010])]
        )
        #expect(report.repeats == .steps && report.points.count == 1 && report.unmatched.isEmpty)
        let row = try #require(report.points[0].row("time.step_seconds.mean"))
        #expect(row.a?.repeats == 5 && row.verdict == .withinNoise && row.sentence == "within the noise")
        #expect(row.bIsBetter == nil)
        let interval = try #require(row.interval)
        #expect(abs(interval.low + 0.006688755350737531) < 1e-11 && abs(interval.high - 0.004288755350737532) < 1e-11)
        // The routing is the same, step by step; what is known of a run alone has no interval.
        #expect(report.points[0].row("load.expert.maxvio.mean")?.verdict == .same)
        let median = try #require(report.points[0].row("time.step_seconds.p50"))
        #expect(
            median.verdict == .tooFewRepeats && median.sentence == "too few repeats to tell" && median.interval == nil
        )
        #expect(abs((median.difference ?? 0) + 0.001) < 1e-12)
    }

    @Test func meansOfStepsAreThoseOfTheReport() throws {
        let run = try Self.run()
        let rows = try Self.compare([run], [try Self.run("b")]).points[0].rows
        for row in rows {
            let all = ComparedFigure.ofCatalogue + ComparedFigure.phases + ComparedFigure.losses(of: [run])
            let value = try #require(all.first { $0.path == row.figure }?.run(run, run.figures), "\(row.figure)")
            // Of a ratio of sums a report weighs steps by what they asked for.
            guard !["load.dropped.fraction", "load.dropped.token_fraction"].contains(row.figure) else { continue }
            #expect(abs((row.a?.mean ?? .nan) - value) < 1e-9 * abs(value) + 1e-15, "\(row.figure)")
        }
        let known = FigureName.compared.filter { run.figures[$0] != nil }
        #expect(rows.count == known.count + Phase.allCases.count + 1)
        #expect(Set(rows.map(\.figure)).count == rows.count)
    }

    /// The rows of steps of an earlier version have fewer figures than its report.
    @Test func figuresThatOldRowsLackAreComparedByRun() throws {
        let json = try Self.run("old").json()
        let lines = json.split(separator: "\n", omittingEmptySubsequences: false)
        let old = try Report(json: lines.filter { !$0.contains("\"rank_balancedness\"") }.joined(separator: "\n"))
        #expect(old.perStep.allSatisfy { $0[.balancedness] == nil } && old.figures[.balancedness] != nil)
        let row = try #require(Self.compare([old], [try Self.run("b")]).points[0].row("load.rank.balancedness.mean"))
        #expect(row.a?.mean == old.figures[.balancedness] && row.b != nil)
    }

    @Test func runsAreRepeatsWhereThereAreSeveral() throws {
        let fast = try [0.8, 0.81, 0.79].enumerated().map { turn, factor in
            try Self.run("b\(turn)", seconds: MadeUpRun.small.seconds.map { $0 * factor })
        }
        let slow = try [1, 1.01, 0.99].enumerated().map { turn, factor in
            try Self.run("a\(turn)", seconds: MadeUpRun.small.seconds.map { $0 * factor })
        }
        let report = try Self.compare(slow, fast)
        #expect(report.repeats == .runs)
        for name in ["time.step_seconds.mean", "time.step_seconds.p50"] {
            let row = try #require(report.points[0].row(name))
            #expect(row.verdict == .lower && row.bIsBetter == true && row.a?.repeats == 3)
            #expect(row.sentence == "B is faster by 20 % (18 to 22 %)")
        }
        let tokens = try #require(report.points[0].row("tokens_per_second.mean"))
        #expect(
            tokens.verdict == .higher && tokens.bIsBetter == true && tokens.sentence.hasPrefix("B is faster by 25 % (")
        )
        let back = try Self.compare(fast, slow).points[0].row("time.step_seconds.mean")
        #expect(
            back?.verdict == .higher && back?.bIsBetter == false
                && back?.sentence.hasPrefix("B is slower by 25 %") == true
        )
        // One run against several: its steps are no repeats then.
        let mixed = try Self.compare([slow[0]], fast)
        #expect(mixed.repeats == .runs)
        #expect(mixed.points[0].row("time.step_seconds.mean")?.verdict == .tooFewRepeats)
    }

    /// Predictions have no noise: their figures are compared as they are, in words of a factor for times.
    @Test(arguments: [
        (0.25, "B is 4.0 × faster"), (4, "B is 4.0 × slower"), (0.8, "B is 1.25 × faster"), (1, "the same"),
    ])
    func predictionsAreComparedExactly(factor: Double, words: String) throws {
        let a = try Self.run("a", change: { $0.clock = .modelled })
        let seconds = MadeUpRun.small.seconds.map { $0 * factor }
        let b = try Self.run("b", seconds: seconds, change: { $0.clock = .modelled })
        let report = try ComparisonReport(ComparisonSide("one", runs: [a]), ComparisonSide("two", runs: [b]))
        #expect(report.isExact && report.confidence == nil)
        let rows = report.points[0].rows
        #expect(rows.allSatisfy { $0.interval == nil && $0.isSignificant == nil && $0.verdict != .tooFewRepeats })
        for path in ["time.step_seconds.mean", "time.step_seconds.p50"] {
            #expect(report.points[0].row(path)?.sentence == words, "\(path)")
        }
        #expect(report.points[0].row("tokens_per_second_per_rank.p50")?.sentence == words)
        let text = ComparisonText.render(report)
        #expect(!text.contains("Welch") && !text.contains("interval") && !text.contains("significant"))
        #expect(
            report.csv.hasPrefix(
                "point,figure,title,unit,a,b,difference,relative,low,high,significant,b_is_better,verdict\n"
            )
        )
        #expect(throws: ReportError.self) { try Self.compare([a], [b]) }
        // Against a measured run there is a test again.
        #expect(try !Self.compare([a], [try Self.run("c")]).isExact)
    }

    @Test func significanceIsAColumn() throws {
        let seconds = MadeUpRun.small.seconds.map { $0 / 10 }
        let report = try Self.compare([try Self.run("a")], [try Self.run("b", seconds: seconds)])
        #expect(report.points[0].row("time.step_seconds.mean")?.isSignificant == true)
        #expect(report.points[0].row("time.step_seconds.p50")?.isSignificant == nil)
        #expect(report.points[0].row("load.expert.maxvio.mean")?.isSignificant == false)
        let same = try Self.compare(
            [try Self.run("a")],
            [try Self.run("b", seconds: [0.011, 0.009, 0.012, 0.018, 0.010])]
        )
        #expect(same.points[0].row("time.step_seconds.mean")?.isSignificant == false)
        let text = ComparisonText.render(report, width: 160)
        #expect(text.contains("95 % interval  significant  verdict"))
        let row = try #require(report.csv.split(separator: "\n").first { $0.contains("time.step_seconds.mean") })
        #expect(row.hasSuffix(",true,true,lower"), "\(row)")
    }

    /// A prediction is the same in every repeat, so one of each side is enough.
    @Test func differencesOfPredictionsAreCertain() throws {
        let figure = try #require(ComparedFigure.ofCatalogue.first { $0.path == "time.step_seconds.mean" })
        let exact = FigureDifference(figure, a: [0.04], b: [0.05], confidence: nil)
        #expect(exact.verdict == .higher && exact.bIsBetter == false && exact.sentence == "B is 1.25 × slower")
        #expect(exact.isSignificant == nil && exact.interval == nil && exact.a?.halfWidth == nil)
        let measured = FigureDifference(figure, a: [0.04], b: [0.05], confidence: 0.95)
        #expect(measured.verdict == .tooFewRepeats)
        let same = FigureDifference(figure, a: [0.04], b: [0.04], confidence: nil)
        #expect(same.verdict == .same)
    }

    @Test(arguments: [
        (Figure.Unit.ratio, Figure.Better.lower, "B is worse: higher by 50 % (50 to 50 %)"),
        (.ratio, .higher, "B is better: higher by 50 % (50 to 50 %)"),
        (.bytes, .neither, "B is higher by 50 % (50 to 50 %)"),
        (.seconds, .neither, "B is higher by 50 % (50 to 50 %)"),
        (.seconds, .lower, "B is slower by 50 % (50 to 50 %)"),
        (.perSecond, .higher, "B is faster by 50 % (50 to 50 %)"),
    ])
    func verdictsAreInWords(unit: Figure.Unit, better: Figure.Better, sentence: String) {
        let figure = ComparedFigure("x", "x", unit, better, run: { _, _ in nil })
        let row = FigureDifference(figure, a: [2, 2.00001], b: [3, 3.00001], confidence: 0.95)
        #expect(row.sentence == sentence)
        let fromZero = FigureDifference(figure, a: [0, 0], b: [0.25, 0.25], confidence: 0.95)
        #expect(fromZero.relative == nil && fromZero.sentence.contains("by 0.25"))
        let tiny = FigureDifference(figure, a: [1, 1], b: [1.0001, 1.0001], confidence: 0.95)
        #expect(tiny.sentence.hasSuffix("by less than 0.1 %"))
        let missing = FigureDifference(figure, a: [], b: [1, 2], confidence: 0.95)
        #expect(missing.verdict == .missing && missing.difference == nil && missing.bIsBetter == nil)
    }

    @Test func whatIsNotComparableIsSaid() throws {
        let a = try Self.run("a")
        let b = try Self.run("b") { run in
            run.clock = .modelled
            run.seed = 2
            run.epsimVersion = "0.2.0"
            run.hosts[0].name = "elsewhere"
        }
        #expect(
            try Self.compare([a], [b]).warnings == [
                "the clocks differ: A's times are measured, B's are modelled",
                "the machines differ: A is of buildbox, B of elsewhere",
                "the versions of epsim differ: A is by 0.1.0, B by 0.2.0",
                "the seeds differ (A 1, B 2): weights, noise and synthetic tokens do too",
            ]
        )
        let crowded = try Self.run("c", change: { $0.hosts[0].cores = 1 }, end: .failed("out of luck"))
        #expect(
            try Self.compare([crowded], [a]).warnings == [
                "A: run c is FAILED: out of luck",
                "A: more busy processes than cores, so times show sharing as well as work",
            ]
        )
        #expect(try Self.compare([a], [a]).warnings == ["A and B are the same"])
        let longer = try Self.run("d") { $0.workload.tokensPerStep *= 2 }
        let (tokens, layers, words) = (a.run.workload.tokensPerStep, a.run.model.layers, "tokens a step over")
        #expect(
            try Self.compare([a], [longer]).warnings == [
                "the work differs: A has \(tokens) \(words) \(layers) MoE layers, B has \(tokens * 2) \(words) "
                    + "\(layers) MoE layers; times and bytes of a step do not compare, loads do"
            ]
        )
    }

    @Test func configurationsAreHeldAgainstEachOther() {
        let differences = ConfigDifference.all(
            ["run.seed": "1", "run.out": "x", "model.layers": "2", "router.top_k": "2"],
            ["run.seed": "1", "run.out": "y", "model.layers": "4", "router.noise": "0.1"],
            without: ["run.out"]
        )
        #expect(differences.map(\.key) == ["model.layers", "router.noise", "router.top_k"])
        #expect(differences.map(\.a) == ["2", nil, "2"] && differences.map(\.b) == ["4", "0.1", nil])
    }

    @Test func wrongSidesAreRefused() throws {
        let run = try Self.run()
        let none = #expect(throws: ReportError.self) { try ComparisonSide("x", runs: []) }
        #expect(none?.description == "'x' has no run")
        let twice = #expect(throws: ReportError.self) { try ComparisonSide("x", runs: [run, run]) }
        #expect(twice?.description == "run a is in 'x' twice")
        let empty = #expect(throws: ReportError.self) {
            try ComparisonSide("x", sweep: SweepSummary(keys: [], rows: []))
        }
        #expect(empty?.description == "'x' has no run that ended")
        let sweep = try ComparisonSide("s", sweep: SweepSamples.summary([("1", [0.1])]))
        let mixed = #expect(throws: ReportError.self) { try ComparisonReport(ComparisonSide("x", runs: [run]), sweep) }
        #expect(mixed?.description == "a sweep can only be compared with a sweep, and runs only with runs")
        let unsure = #expect(throws: ReportError.self) { try Self.compare([run], [run], confidence: 1) }
        #expect(unsure?.description == "a confidence of 1.0: above 0 and below 1 is allowed")
    }

    @Test func jsonHasTheSameFigures() throws {
        let report = try Self.compare(
            [try Self.run("a")],
            [try Self.run("b", seconds: [0.02, 0.02, 0.02, 0.02, 0.02])]
        )
        let json = try JSON(parsing: report.json())
        #expect(json["config_differences"] == .list([]) && json.string("repeats") == "steps")
        let row = try #require(json.elements("points").first?.elements("rows").first)
        #expect(row["b_is_better"] == .bool(false) && row.string("verdict") == "higher")
        #expect(row.number("relative_interval.low") == report.points[0].rows[0].relativeInterval?.low)
        #expect(row.number("a.mean") == report.points[0].rows[0].a?.mean)
    }

    /// A mean over measured and predicted runs would be of neither.
    @Test func aSideIsOfOneClock() throws {
        let runs = try ["a", "b", "c"].map { id in try Self.run(id) { $0.clock = id == "b" ? .modelled : .measured } }
        let expected =
            "'one': found a and c of the measured clock, and b of the modelled clock, allowed: runs of one clock on a side"
        #expect(throws: ReportError(.record, expected)) { try ComparisonSide("one", runs: runs) }
        #expect(throws: Never.self) { try ComparisonSide("one", runs: [runs[0], runs[2]]) }
    }
}
