import Figures
import Foundation
import MadeUpRuns
import MoE
import Monitor
import Reports
import Testing

@Suite("Live page")
struct PageTests {
    @Test func theChartsAreThoseOfTheReport() throws {
        let run = MadeUpRun()
        let state = run.state()
        let html = try run.charts.html(state, LiveSummary(state, at: 1))
        for chart in ["rank-load", "expert-load", "rank-time", "imbalance-over-steps", "sorted-load"] {
            #expect(html.contains("<figure class=\"chart") && html.contains("id=\"\(chart)\""), "\(chart)")
        }
        #expect(html.contains("over the last 7 steps."))
        // Over all steps so far, as the window holds them all, the cards say what the report will.
        let report = try run.report()
        let imbalance = try #require(report.figures[spread: .rankImbalance].mean)
        #expect(html.contains("data-figure=\"load.rank.imbalance.mean\" data-value=\"\(imbalance)\""))
        #expect(!html.contains("INTERRUPTED"))
    }

    @Test func aRunWithoutStepsSaysHowFarItIs() throws {
        let run = MadeUpRun()
        let state = LiveState(run: run.run)
        let html = try run.charts.html(state, LiveSummary(state, at: 1))
        #expect(html.contains("0 of 7") && html.contains("0 of 3"))
        #expect(!html.contains("<figure") && !html.contains("nan"))
    }

    @Test func aLargeRunShowsItsLastStepsOnly() throws {
        let run = MadeUpRun(ranks: 64, layers: 60, steps: 6)
        let state = run.state()
        let html = try run.charts.html(state, LiveSummary(state, at: 1))
        #expect(html.contains("over the last 4 steps."))
    }
}
