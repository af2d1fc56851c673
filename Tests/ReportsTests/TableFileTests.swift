import Figures
import MadeUpRuns
import Placement
import Records
import Reports
import TestSupport
import Testing

@Suite("CSV files")
struct TableFileTests {
    private let temporary: TemporaryFolder

    init() throws {
        temporary = try TemporaryFolder()
    }

    private static func rows(_ text: String) -> [[String]] {
        text.split(separator: "\n").map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }

    private static func write(_ steps: [StepRecord]) throws -> (samples: [[String]], experts: [[String]]) {
        let temporary = try TemporaryFolder()
        let folder = try RunFolder.create(parent: temporary.path, id: try RunID("small"))
        try folder.samplesWriter().write(steps)
        try folder.expertsWriter(placement: MadeUpRun.small.placement).write(steps)
        return (rows(try temporary.read("small/samples.csv")), rows(try temporary.read("small/experts.csv")))
    }

    @Test func rowsAreTidy() throws {
        let (samples, experts) = try Self.write(MadeUpRun.small.steps)
        #expect(samples[0] == ["run_id", "step", "layer", "rank", "phase", "tokens", "bytes", "microseconds"])
        #expect(samples[1] == ["small", "0", "0", "-1", "gate", "6", "0", "750.000"])
        #expect(samples[2] == ["small", "0", "0", "0", "dispatch", "8", "864", "1000.000"])
        #expect(samples[3] == ["small", "0", "0", "0", "queue", "0", "0", "500.000"])
        #expect(samples[12] == ["small", "0", "0", "-1", "shared", "0", "0", "0.000"])
        #expect(samples[13] == ["small", "0", "0", "-1", "merge", "6", "0", "250.000"])
        #expect(samples.count == 1 + 5 * 2 * (3 + 2 * 5))
        #expect(experts[0] == ["run_id", "step", "layer", "expert", "rank", "copies", "dropped", "importance"])
        #expect(experts[3] == ["small", "0", "0", "2", "1", "3", "0", "0.95"])
        #expect(experts.count == 1 + 5 * 2 * 4)
        #expect((samples + experts).allSatisfy { $0.count == 8 })
    }

    /// Layers have placements of their own; of an expert with several slots all ranks are named.
    @Test func expertsHaveTheRanksOfTheirLayer() throws {
        let placement = try Placement(layers: [
            LayerPlacement(experts: 4, expertsOfRank: [[0, 1, 3], [2, 3]]),
            LayerPlacement(experts: 4, expertsOfRank: [[1, 3], [0, 2]]),
        ])
        let folder = try RunFolder.create(parent: temporary.path, id: try RunID("small"))
        try folder.expertsWriter(placement: placement).write([MadeUpRun.small.steps[0]])
        let ranks = Self.rows(try temporary.read("small/experts.csv")).dropFirst().map { $0[4] }
        #expect(ranks == ["0", "0", "1", "0+1", "1", "0", "1", "0"])
    }

    @Test func sumsAgreeWithTheReport() throws {
        let steps = MadeUpRun.small.withSharedExperts
        let (samples, experts) = try Self.write(steps)
        let report = try MadeUpRun.small.report(steps)
        func sum(_ phase: String, _ column: Int) -> Double {
            samples.filter { $0[4] == phase }.reduce(0) { $0 + (Double($1[column]) ?? .nan) }
        }
        #expect(sum("dispatch", 6) == (report.figures[.bytesOutPerStep] ?? 0) * 5)
        #expect(sum("combine", 6) == (report.figures[.bytesBackPerStep] ?? 0) * 5)
        for (index, phase) in report.time.phases.enumerated() {
            let rows = Phase.ofRank.contains(phase.phase) ? 2.0 : 1.0
            let mean = sum(phase.phase.rawValue, 7) / 1e6 / 5 / rows
            #expect(abs(mean - phase.seconds) < 1e-9, "\(index) \(phase.phase)")
        }
        let copies = experts.dropFirst().reduce(0) { $0 + (Int($1[5]) ?? -1) }
        let dropped = experts.dropFirst().reduce(0) { $0 + (Int($1[6]) ?? -1) }
        #expect(Double(copies) == sum("compute", 5))
        #expect(sum("shared", 5) == sum("gate", 5))
        #expect(dropped == report.figures[whole: .copiesDropped])
    }

    @Test func longRunsPassThroughTheBufferWhole() throws {
        let folder = try RunFolder.create(parent: temporary.path, id: try RunID("long"))
        try folder.samplesWriter().write(MadeUpRun(ranks: 8, layers: 8, steps: 100).steps)
        let text = try temporary.read("long/samples.csv")
        #expect(text.utf8.count > 1 << 20)
        let rows = Self.rows(text)
        #expect(rows.count == 1 + 100 * 8 * (3 + 8 * 5))
        #expect(rows.dropFirst().allSatisfy { $0.count == 8 && $0[0] == "long" })
    }
}
