import Foundation
import MadeUpRuns
import Reports
import RunStore
import TestSupport
import Testing

@Suite("Reindexing")
struct ReindexTests {
    private let runs: TemporaryFolder

    init() throws {
        runs = try TemporaryFolder()
    }

    @Test func findsRunsAtEveryDepth() throws {
        try MadeUpRun.named("top").write(below: runs.path)
        try MadeUpRun.named("below").write(below: "\(runs.path)/a/b/c")
        try Self.makePoint("\(runs.path)/sweep/points/9c1f-r1", MadeUpRun.named("point"))
        try Data().write(to: URL(fileURLWithPath: "\(runs.path)/sweep/sweep.yaml"))
        try MadeUpRun.named("moving").write(below: "\(runs.path)/sweep/running/9c1f-r2")
        try MadeUpRun.named("hidden").write(below: "\(runs.path)/.cache")
        try MadeUpRun.named("deep").write(below: "\(runs.path)/1/2/3/4/5/6")
        let outside = try TemporaryFolder()
        defer { extendLifetime(outside) }
        let elsewhere = try MadeUpRun.named("elsewhere").write(below: outside.path)
        try FileManager.default.createSymbolicLink(atPath: "\(runs.path)/link", withDestinationPath: elsewhere)
        let result = try runs.index.reindex()
        #expect(result.runs == 3 && result.unreadable.isEmpty && result.gone == 0)
        let found = try runs.index.query("SELECT id, path FROM runs ORDER BY id").rows.map { $0.map(\.field) }
        #expect(found == [["below", "a/b/c/below"], ["point", "sweep/points/9c1f-r1"], ["top", "top"]])
    }

    @Test func listsWhatCannotBeRead() throws {
        try MadeUpRun.named("good").write(below: runs.path)
        try FileManager.default.removeItem(
            atPath: try MadeUpRun.named("killed").write(below: runs.path) + "/report.json"
        )
        try Self.overwrite(try MadeUpRun.named("broken").write(below: runs.path), "{")
        try MadeUpRun.named("good").write(below: "\(runs.path)/later")
        var calls: [[Int]] = []
        let result = try runs.index.reindex { calls.append([$0, $1]) }
        #expect(result.runs == 1 && calls == [[3, 3]])
        let reasons = result.unreadable.map { "\($0.path.dropFirst(runs.path.count + 1)): \($0.reason)" }
        #expect(reasons.count == 3)
        #expect(reasons[0] == "killed: no report.json: the run is under way, or was killed")
        #expect(reasons[1].hasPrefix("broken: no report: "))
        #expect(reasons[2] == "later/good: run good is in '\(runs.path)/good' already")
    }

    @Test func forgetsWhatIsGoneAndWhatBroke() throws {
        try runs.addThree()
        try FileManager.default.removeItem(atPath: "\(runs.path)/20250101T120000Z-aa")
        try Self.overwrite("\(runs.path)/20250102T120000Z-aa", "[]")
        #expect(try runs.index.runs().filter(\.isGone).map(\.id) == ["20250101T120000Z-aa"])
        let result = try runs.index.reindex()
        #expect(result.gone == 1 && result.runs == 1 && result.unreadable.count == 1)
        #expect(try runs.index.runs().map(\.id) == ["20250103T120000Z-aa"])
    }

    /// A run may end, and add itself, after its folder was looked for.
    @Test func keepsARunThatEndsMeanwhile() throws {
        try MadeUpRun.named("first").write(below: runs.path)
        let result = try runs.index.reindex { _, _ in
            if let late = try? MadeUpRun.named("late").write(below: runs.path) { try? runs.index.add(late) }
        }
        #expect(result.runs == 2)
        let again = try runs.index.reindex { _, _ in
            if let last = try? MadeUpRun.named("last").write(below: runs.path) { try? runs.index.add(last) }
        }
        #expect(again.runs == 3)
        #expect(try runs.index.runs().map(\.id).sorted() == ["first", "last", "late"])
    }

    @Test func leavesNothingBesideTheIndex() throws {
        try MadeUpRun.named("good").write(below: runs.path)
        // What a process that was killed has left; no process has so large an id.
        try Data().write(to: URL(fileURLWithPath: "\(runs.index.path).99999999.partial"))
        for _ in 0..<2 { _ = try runs.index.reindex() }
        #expect(try FileManager.default.contentsOfDirectory(atPath: runs.path).sorted() == ["good", "index.sqlite"])
        #expect(throws: RunStoreError.self) { try RunIndex(folder: "\(runs.path)/nowhere").reindex() }
    }

    @Test func readsBatchAfterBatch() throws {
        let model = try MadeUpRun.named("m0").write(below: runs.path)
        let text = try RunFolder.reportText(in: model)
        for number in 1..<600 {
            let folder = "\(runs.path)/m\(number)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            try Self.overwrite(
                folder,
                text.replacingOccurrences(of: "\"id\" : \"m0\"", with: "\"id\" : \"m\(number)\"")
            )
        }
        var calls: [[Int]] = []
        #expect(try runs.index.reindex { calls.append([$0, $1]) }.runs == 600)
        #expect(calls == [[512, 600], [600, 600]])
        #expect(try runs.index.count() == 600)
    }

    /// Each writer opens the file for itself, as processes do; at first there is none.
    @Test(arguments: 0..<10)
    func writersTakeTurns(round: Int) async throws {
        let folders = try (0..<8).map { try MadeUpRun.named("r\($0)").write(below: runs.path) }
        let index = runs.index
        try await withThrowingTaskGroup { group in
            for folder in folders { group.addTask { try index.add(folder) } }
            group.addTask { _ = try index.reindex() }
            try await group.waitForAll()
        }
        #expect(try index.count() == 8)
    }

    private static func overwrite(_ folder: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/report.json"))
    }

    /// A point of a sweep: a run folder of another name, with a point.json.
    static func makePoint(_ path: String, _ run: MadeUpRun) throws {
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try FileManager.default.moveItem(atPath: try run.write(below: parent), toPath: path)
        try Data("{}".utf8).write(to: URL(fileURLWithPath: "\(path)/point.json"))
    }
}
