import Figures
import Foundation
import MadeUpRuns
import Monitor
import Records
import Reports
import TestSupport
import Testing

@Suite("Metrics")
struct MetricTests {
    private let madeUp = MadeUpRun()

    @Test func everyMetricHasItsTypeAndSamples() throws {
        let text = Metric.exposition(madeUp.state())
        let exposition = try Exposition(text)
        for metric in Metric.all {
            #expect(exposition.types[metric.name] == metric.kind.rawValue)
            #expect(text.contains("# HELP \(metric.name) "))
            let names = Set(exposition.samples.map(\.name))
            switch metric.kind {
            case .counter, .gauge: #expect(names.contains(metric.name), "\(metric.name)")
            case .histogram, .summary: #expect(names.contains("\(metric.name)_sum"), "\(metric.name)")
            }
        }
        #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
        #expect(text.hasSuffix("\n"))
    }

    @Test func namesFollowTheRules() {
        for metric in Metric.all {
            #expect(metric.name.hasPrefix("epsim_"))
            #expect(metric.name.utf8.allSatisfy { (97...122).contains($0) || $0 == 95 }, "\(metric.name)")
            #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
            #expect(!metric.name.contains("milli") && !metric.name.contains("micro"))
            #expect(metric.help.hasSuffix(".") && !metric.help.contains("\n"))
        }
    }

    @Test func countersAreThoseOfTheReport() throws {
        let report = try madeUp.report()
        let exposition = try Exposition(Metric.exposition(madeUp.state()))
        #expect(exposition.sum("epsim_steps_total") == 7)
        #expect(exposition.sum("epsim_tokens_total") == 7 * 512)
        #expect(exposition.sum("epsim_dispatch_bytes_total") == report.figures[.bytesOutPerStep].map { $0 * 7 })
        #expect(exposition.sum("epsim_combine_bytes_total") == report.figures[.bytesBackPerStep].map { $0 * 7 })
        #expect(exposition.sum("epsim_copies_dropped_total") == report.figures[.copiesDropped])
        #expect(exposition.sum("epsim_tokens_without_expert_total") == report.figures[.tokensUnserved])
        let imbalance = exposition.sum("epsim_rank_imbalance_over_steps_ratio_sum")
        expectEqual(
            imbalance / exposition.sum("epsim_rank_imbalance_over_steps_ratio_count"),
            report.figures[spread: .rankImbalance].mean
        )
        for row in report.ranks {
            let labels = ["rank": "\(row.rank)", "layer": "\(try #require(row.layer))"]
            expectEqual(exposition.sum("epsim_dispatch_seconds_sum", labels) / 7, row.seconds.dispatch)
            expectEqual(exposition.sum("epsim_combine_seconds_sum", labels) / 7, row.seconds.combine)
            #expect(exposition.sum("epsim_dispatch_seconds_count", labels) == 7)
        }
    }

    @Test func gaugesAreOfTheLastStep() throws {
        let exposition = try Exposition(Metric.exposition(madeUp.state()))
        for layer in try #require(madeUp.steps.last).layers {
            let copies = layer.ranks.map { Double($0.copies) }
            let imbalance = (copies.max() ?? 0) / (copies.reduce(0, +) / Double(copies.count))
            expectEqual(exposition.sum("epsim_rank_imbalance_ratio", ["layer": "\(layer.layer)"]), imbalance)
        }
    }

    @Test func bucketsCountWhatLiesAtOrBelowTheirBound() throws {
        let exposition = try Exposition(Metric.exposition(madeUp.state()))
        let values = madeUp.steps.flatMap(\.layers).flatMap(\.ranks).filter { $0.rank == 1 }.map(\.seconds.combine)
        for bound in HistogramTable.partBounds {
            let counted = exposition.samples("epsim_combine_seconds_bucket", ["rank": "1"])
                .filter { $0.labels["le"].flatMap(Double.init) == bound }.reduce(0) { $0 + $1.value }
            #expect(counted == Double(values.count(where: { $0 <= bound })))
        }
        let all = exposition.sum("epsim_combine_seconds_bucket", ["rank": "1", "le": "+Inf"])
        #expect(all == Double(values.count) && all == exposition.sum("epsim_combine_seconds_count", ["rank": "1"]))
    }

    @Test(arguments: [(16, 16, 256, 16), (64, 16, 64, 16), (300, 2, 1, 2), (2, 300, 2, 1), (1024, 61, 1, 61)])
    func seriesAreBounded(ranks: Int, layers: Int, pairs: Int, namedLayers: Int) throws {
        let madeUp = MadeUpRun(ranks: ranks, layers: layers, steps: 2)
        let state = madeUp.state()
        let exposition = try Exposition(Metric.exposition(state))
        #expect(exposition.samples("epsim_dispatch_seconds_sum").count == pairs)
        #expect(exposition.samples("epsim_rank_imbalance_ratio").count == namedLayers)
        #expect(exposition.samples("epsim_rank_copies_total").count == ranks)
        #expect(exposition.sum("epsim_dispatch_seconds_count") == Double(2 * ranks * layers))
        let bytes = madeUp.steps.flatMap(\.layers).flatMap(\.ranks).reduce(0) { $0 + $1.dispatchBytes }
        #expect(exposition.sum("epsim_dispatch_bytes_total") == Double(bytes))
        #expect(exposition.samples.count < 20_000)
        if pairs == 1 {
            #expect(exposition.samples("epsim_dispatch_seconds_sum")[0].labels == ["rank": "all", "layer": "all"])
        }
    }

    @Test func labelsAreEscaped() throws {
        var run = madeUp.run
        run.config = "a \"b\"\\c\nd{}.yaml"
        let exposition = try Exposition(Metric.exposition(LiveState(run: run)))
        #expect(exposition.samples("epsim_run_info").first?.labels["config"] == run.config)
    }

    @Test func stageIsOneOfAll() throws {
        var state = madeUp.state()
        state.ended(.completed, at: 99)
        let stages = try Exposition(Metric.exposition(state)).samples("epsim_run_stage")
        #expect(stages.filter { $0.value == 1 }.map(\.labels) == [["stage": "completed"]])
        #expect(stages.count == LiveStage.allCases.count)
    }

    @Test(.enabled(if: Program.find("promtool") != nil))
    func promtoolFindsNothingWrong() throws {
        for state in [madeUp.state(), LiveState(run: madeUp.run)] {
            let result = try Program.run("promtool", ["check", "metrics"], input: Metric.exposition(state))
            #expect(result.code == 0 && result.output.isEmpty, "\(result.output)")
        }
    }

    @Test func theTableHasEveryMetric() {
        let rows = Metric.markdown.split(separator: "\n").dropFirst(2).map(String.init)
        #expect(rows.count == Metric.all.count)
        for (row, metric) in zip(rows, Metric.all) {
            let help = metric.help.replacing("|", with: "\\|")
            #expect(row.hasPrefix("| `\(metric.name)` | \(metric.kind.rawValue) |") && row.hasSuffix(" \(help) |"))
        }
    }
}
