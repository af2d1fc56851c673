import Figures
import Foundation
import GRDB
import MadeUpRuns
import Reports
import RunStore
import TestSupport
import Testing

/// A run folder of the version before figures were a catalogue.
@Suite("Runs of earlier versions")
struct EarlierReportTests {
    private let runs: TemporaryFolder

    init() throws {
        runs = try TemporaryFolder()
    }

    private static let report = packageFolder("Tests/RunStoreTests/Fixtures/earlier/report.json")

    @Test func areListedReindexedAndCompared() throws {
        let folder = try runs.makeFolder("20261129T122902Z-58ace343")
        try FileManager.default.copyItem(atPath: Self.report, toPath: "\(folder)/report.json")
        try MadeUpRun.named("later").write(below: runs.path)
        #expect(try runs.index.reindex().runs == 2)
        let run = try runs.index.run(idPrefix: "20261129")
        let old = try RunFolder.report(in: run.folder)
        for name in FigureName.compared + [FigureName(.wrongTokens)] {
            #expect(run.number(name.column) == old.figures[name], "\(name)")
        }
        #expect(old.figures[.rankImbalance] == 1.0204888023574938)
        let later = try MadeUpRun.named("later").verifiedReport()
        let rows = try ComparisonReport(ComparisonSide("a", runs: [old]), ComparisonSide("b", runs: [later])).points[0]
            .rows
        for name in FigureName.compared where old.figures[name] != nil {
            #expect(rows.first { $0.figure == "\(name)" }?.a != nil, "\(name)")
        }
        #expect(old.status == .valid)
    }

    /// An index that was made before a figure came has no column for it.
    @Test func anIndexOfAnEarlierVersionGetsItsColumns() throws {
        try runs.index.add(try MadeUpRun.named("first").write(below: runs.path))
        let column = FigureName(.rankImbalance).column
        let queue = try DatabaseQueue(path: runs.index.path)
        try queue.write { try $0.execute(sql: "ALTER TABLE runs DROP COLUMN \(column)") }
        try queue.close()
        var filter = RunFilter()
        filter.sort = column
        #expect(throws: RunStoreError.self) { try runs.index.runs(filter) }
        try runs.index.add(try MadeUpRun.named("second").write(below: runs.path))
        #expect(try runs.index.runs(filter).map(\.id) == ["second", "first"])
        #expect(try runs.index.run(idPrefix: "first").number(column) == nil)
        _ = try runs.index.reindex()
        #expect(
            try runs.index.run(idPrefix: "first").number(column) == runs.index.run(idPrefix: "second").number(column)
        )
    }
}
