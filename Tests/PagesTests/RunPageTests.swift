import Figures
import Foundation
import MadeUpRuns
import Placement
import Records
import Reports
import TestSupport
import Testing

@testable import Pages

@Suite struct RunPageTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func thePartsStandInTheirOrder() throws {
        let page = try MadeUpRun(ranks: 4, layers: 2, experts: 8, steps: 5).page()
        let parts = [
            "class=\"verdict\"", "class=\"cards\"", "id=\"rank-load\"", "id=\"expert-load\"", "id=\"rank-time\"",
            "id=\"traffic\"", "id=\"imbalance-over-steps\"", "id=\"throughput-over-steps\"", "id=\"sorted-load\"",
            "id=\"cumulative-load\"", "id=\"median-step\"", "id=\"worst-step\"", "What was run",
        ]
        let places = parts.map { page.range(of: $0)?.lowerBound }
        #expect(places.allSatisfy { $0 != nil })
        #expect(places.compactMap(\.self) == places.compactMap(\.self).sorted())
        #expect(page.contains("limits the step"))
        #expect(page.contains("trace.json.gz beside this page holds the first 1 of 5 steps"))
        #expect(page.contains("seed 1") && page.contains("epsim 0.1.0"))
    }

    @Test func expertsStandByRankWhereEachHasOneInAllLayers() throws {
        let run = MadeUpRun(ranks: 2, layers: 2, experts: 8, steps: 2)
        let byRank = try run.page()
        #expect(byRank.contains("expert, in the order of ranks"))
        #expect(byRank.contains("lines part the ranks"))
        let first = try LayerPlacement(experts: 8, expertsOfRank: [Array(0..<8), Array(0..<8)])
        let other = try PlacementPolicy.roundRobin.layerPlacement(experts: 8, ranks: 2)
        let replicated = try run.page(placement: Placement(layers: [first, first]))
        #expect(replicated.contains(" on ranks 0, 1, with "))
        let differing = try run.page(placement: Placement(layers: [other, first]))
        for page in [replicated, differing] {
            #expect(!page.contains("in the order of ranks") && !page.contains("lines part the ranks"))
        }
    }

    @Test func textsFromOutsideAreNoMarkup() throws {
        var run = MadeUpRun(ranks: 2, layers: 1, experts: 4, steps: 2)
        run.description.configName = "configs/<made>.yaml"
        run.description.commandLine = ["epsim", "run", "configs/<made>.yaml"]
        let page = try run.page()
        #expect(page.contains("configs/&lt;made&gt;.yaml"))
        #expect(!page.contains("<made>"))
        #expect(page.contains("# &lt;&amp;&gt;"))
    }

    /// 61 MoE layers of 256 experts, as the largest public models have, on 64 ranks, with two steps in detail.
    @Test(arguments: [8, 64, 256])
    func theLargestModelsFitOneMegabyte(ranks: Int) throws {
        let page = try MadeUpRun(ranks: ranks, layers: 61, experts: 256, steps: 2).page()
        #expect(page.utf8.count < 1_000_000, "\(page.utf8.count) bytes")
    }

    @Test(.enabled(if: Browser.executable != nil, "no chromium on PATH"))
    func theLargestModelsAreDrawn() async throws {
        let page = try MadeUpRun(ranks: 64, layers: 61, experts: 256, steps: 2).page()
        let path = try folder.write(page, as: "page.html")
        let troubles = try await Browser.use { browser in
            try PageLook.widths.map { try PageLook(path, in: browser, width: $0, isDark: false).troubles }
        }
        #expect(troubles == [[], []])
    }

    @Test func notesAndWarningsStandBelowTheVerdict() throws {
        let page = try MadeUpRun(ranks: 2, layers: 1, experts: 2, steps: 5).page(notes: ["family <x> was forced"])
        #expect(page.contains("Note: family &lt;x&gt; was forced"))
        #expect(!page.contains("Warning: "))
        var crowded = MadeUpRun(ranks: 2, layers: 1, experts: 2, steps: 5)
        crowded.description.workload.cycles = 2.5
        let warned = try crowded.page()
        #expect(warned.contains("Warning: the workload is shorter than the run") && !warned.contains("Note: "))
    }

    /// The page of a run on a calibrated machine: both clocks side by side.
    private static func pageWithBothClocks() throws -> String {
        let phases = Phase.allCases.enumerated().map { 1e-3 * Double($0.offset + 1) }
        let json = """
            {"hardware": "box", "stepSeconds": 0.05, "phaseSeconds": \(phases), "processorSeconds": 0.07}
            """
        let prediction = try JSONDecoder().decode(HostPrediction.self, from: Data(json.utf8))
        return try MadeUpRun(ranks: 4, layers: 2, experts: 8, steps: 5).page(prediction)
    }

    @Test func measuredAndModelledTimesStandSideBySide() throws {
        let page = try Self.pageWithBothClocks()
        #expect(page.contains("the model is box") && page.contains("<th scope=row>modelled<td>1.000<td>2.000"))
    }

    @Test(.enabled(if: Browser.executable != nil, "no chromium on PATH"))
    func measuredAndModelledTimesAreDrawn() async throws {
        let path = try folder.write(Self.pageWithBothClocks(), as: "page.html")
        let look = try await Browser.use { try PageLook(path, in: $0, width: 390, isDark: true) }
        #expect(look.troubles == [] && look.charts.contains("Measured and modelled"))
    }

    @Test func oneExpertOneRankAndOneStepHaveAPage() throws {
        let page = try MadeUpRun(ranks: 1, layers: 1, experts: 1, steps: 1).page()
        #expect(page.contains("One rank does all the work"))
        #expect(!page.contains("nan") && !page.contains("id=\"traffic\""))
    }

    @Test func trafficOfManyRanksIsShownInBlocks() {
        let matrix: [[Double]] = (0..<130).map { row in (0..<130).map { column in Double(row * 1000 + column) } }
        let blocks = RankBlocks(matrix)
        #expect(blocks.size == 3 && blocks.names.count == 44)
        #expect(blocks.names[0] == "0–2" && blocks.names[43] == "129")
        // Nine cells: three times 0, 1000 and 2000, and three times 0, 1 and 2.
        #expect(blocks.values[0][0] == 9009 && blocks.values[43][43] == 129_129)
        #expect(RankBlocks([[1, 2], [3, 4]]).values == [[1, 2], [3, 4]])
    }

    @Test func manyStepsAreShownAsMeansOfSeveral() throws {
        let report = try MadeUpRun(ranks: 2, layers: 1, experts: 4, steps: 1001).report()
        let bins = StepBins(report.perStep)
        #expect(bins.size == 3 && bins.rows.count == 400)
        #expect(bins.rows[0].name == "0–1" && bins.rows[399].name == "998–1000")
        let first = bins.rows[0].mean { $0[.rankImbalance] }
        let mean = report.perStep[..<2].compactMap { $0[.rankImbalance] }.reduce(0, +) / 2
        #expect(abs((first ?? 0) - mean) < 1e-12)
    }

    @Test func sortedLoadsAreSortedWithinLayersFirst() {
        // One expert is hot in each layer, and a different one: summed over layers first they would look even.
        let sorted = SortedLoads([[3, 1], [1, 3], [0, 0]])
        #expect(sorted.ratios == [1.5, 0.5])
        #expect(sorted.cumulative == [0.75, 1])
        #expect(SortedLoads([]).shares == [])
    }

    @Test func aGanttShowsTheSlowestRanksAndSumsAll() throws {
        let run = MadeUpRun(ranks: 32, layers: 3, experts: 64, steps: 1)
        let record = run.steps[0]
        let gantt = Gantt(StepTrack(of: record, starting: 1000))
        #expect(gantt.rows.count == 16 && gantt.ranks == 32 && gantt.isShortened)
        let compute = (0..<32).map { rank in record.layers.reduce(0) { $0 + $1.ranks[rank].seconds.compute } }
        let slowest = compute.indices.max { compute[$0] < compute[$1] } ?? 0
        #expect(gantt.rows[0].name == "rank \(slowest)")
        #expect(gantt.table.rows.count == 32)
        for row in gantt.rows {
            for (span, next) in zip(row.spans, row.spans.dropFirst()) {
                #expect(abs(span.range.upperBound - next.range.lowerBound) < 1e-9)
            }
        }
    }
}
