import MadeUpRuns
import Records
import Reports
import Testing

/// What the text for a terminal says of rebalances.
@Suite struct RebalanceSectionTests {
    @Test func eachHasARowAndRefusalsALine() throws {
        let text = TerminalReport.render(try MadeUpRun.small.report(rebalances: [MadeUpRun.rebalance]))
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.contains { $0.hasPrefix("3 2 31 31.0 12.000 12.000 900.000 2 1.419 1.040 1.027") }, "\(text)")
        #expect(lines.contains { $0.hasSuffix("imbalance 1.42, above 1.20") })
        #expect(lines.contains("refused before step 3: layer 3: rank 1: no room"))
    }

    @Test func manyRefusalsAreCut() throws {
        var rebalance = MadeUpRun.rebalance
        rebalance.refusals = (0..<9).map { "layer \($0): no room" }
        let text = TerminalReport.render(try MadeUpRun.small.report(rebalances: [rebalance]))
        #expect(text.contains("layer 4: no room") && !text.contains("layer 5: no room"))
        #expect(text.contains("and 4 more, in report.json"))
    }

    @Test func aRunWithoutAnySaysSo() throws {
        #expect(TerminalReport.render(try MadeUpRun.small.report(rebalances: [])).contains("# rebalances: none"))
        #expect(!TerminalReport.render(try MadeUpRun.small.report()).contains("rebalance"))
    }
}
