import Basics
import Figures
import MadeUpRuns
import Records
import Reports
import Testing

@Suite("A report as CSV")
struct ReportCSVTests {
    @Test func everyFigureHasARow() throws {
        let report = try MadeUpRun.small.report()
        let rows = try CSVReader.rows(of: report.csv).map(\.fields)
        #expect(rows[0] == ["path", "title", "value", "p50", "p90", "max", "unit"])
        let known = Figure.catalogue.filter { figure in
            figure.form == .spread ? report.figures[spread: figure].summary != nil : report.figures[figure] != nil
        }
        #expect(
            rows.dropFirst().map { $0[0] } == known.map(\.path) + report.load.losses.map { "load.losses.\($0.name)" }
        )
        let step = try #require(rows.first { $0[0] == "time.step_seconds" })
        #expect(
            step[2...5].map { Double($0) } == [0.0132, 0.012, 0.0172, 0.02].map { Optional($0) } || step[1] == "step"
        )
        let dropped = try #require(rows.first { $0[0] == "load.dropped.copies" })
        #expect(dropped == ["load.dropped.copies", "copies dropped", "4", "", "", "", "count"])
        let perRank = try #require(rows.first { $0[0] == "tokens_per_second_per_rank" })
        #expect(Double(perRank[3]) == 250 && perRank[6] == "per_second")
    }

    /// The largest saving leads, and the balance of ranks is no more than one of the limits.
    @Test func theHeadlineIsTheLargestSaving() throws {
        let exposed = MadeUpRun.small.changed { $0.exposedCommunicationSeconds = $0.seconds * 0.9 }
        let report = try MadeUpRun.small.report(exposed)
        #expect(report.headline.hasPrefix("Communication in no time would save at most 90.0 % of a step"))
        #expect(report.limitSentences.count == 2 && report.limitSentences[1].contains("perfect balance would save"))
        let hidden = try MadeUpRun.small.report(MadeUpRun.small.changed { $0.exposedCommunicationSeconds = 0 })
        #expect(hidden.limitSentences.count == 1 && hidden.headline.contains("perfect balance would save"))
    }

    /// Reports of earlier versions lack the throughput per rank.
    @Test func aReportWithoutThroughputPerRankIsRead() throws {
        let report = try MadeUpRun.small.report()
        let earlier = try report.json().replacing("\"tokens_per_second_per_rank\" : {", with: "\"other\" : {")
        let read = try Report(json: earlier)
        #expect(read.tokensPerSecondPerRank.summary == nil && read.tokensPerSecond == report.tokensPerSecond)
    }
}
