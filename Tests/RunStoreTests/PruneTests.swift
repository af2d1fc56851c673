import Foundation
import MadeUpRuns
import Reports
import RunStore
import TestSupport
import Testing

@Suite("Pruning")
struct PruneTests {
    private let runs: TemporaryFolder

    init() throws {
        runs = try TemporaryFolder()
    }

    private static func rules(keep: Int = 0, _ change: (inout RunFilter) -> Void = { _ in }) -> PruneRules {
        var filter = RunFilter()
        change(&filter)
        return PruneRules(filter: filter, keep: keep)
    }

    @Test func namesAllButTheNewest() throws {
        try runs.addThree()
        func days(_ rules: PruneRules) throws -> [Int] {
            try runs.index.candidates(rules).map { Int($0.run.number("seed") ?? 0) }
        }
        #expect(try days(Self.rules(keep: 1)) == [2, 1])
        #expect(try days(Self.rules(keep: 5)) == [])
        #expect(try days(Self.rules { $0.statuses = [.failed] }) == [3])
        #expect(try days(Self.rules(keep: 1) { $0.statuses = [.valid] }) == [1])
        #expect(try days(Self.rules { ($0.limit, $0.sort, $0.isDescending) = (1, "id", true) }) == [3, 2, 1])
        #expect(try runs.index.count() == 3)
    }

    @Test func deletesTheFolderAndTheRow() throws {
        try runs.addThree()
        let outside = try TemporaryFolder()
        defer { extendLifetime(outside) }
        let kept = try MadeUpRun.named("kept").write(below: outside.path)
        let doomed = try #require(runs.index.candidates(Self.rules(keep: 2)).first)
        #expect(doomed.fate == .delete)
        try FileManager.default.createSymbolicLink(atPath: "\(doomed.run.folder)/link", withDestinationPath: kept)
        try runs.index.prune(doomed.run)
        #expect(!FileManager.default.fileExists(atPath: doomed.run.folder))
        #expect(FileManager.default.fileExists(atPath: "\(kept)/report.json"))
        #expect(try runs.index.count() == 2)
        let gone = try #require(runs.index.candidates(Self.rules(keep: 1)).first)
        try FileManager.default.removeItem(atPath: gone.run.folder)
        #expect(try runs.index.candidates(Self.rules(keep: 1)).first?.fate == .forget)
        try runs.index.prune(gone.run)
        #expect(try runs.index.count() == 1)
    }

    /// Whatever was done to the folders since they were indexed, nothing else is deleted.
    @Test(arguments: [
        ("linked", "a symbolic link leads to its folder"), ("bare", "its folder lacks config.yaml or report.json"),
        ("point", "it is a point of a sweep, which needs it"),
        ("other", "the report in its folder is not that of the run"), ("below", "a symbolic link leads to its folder"),
    ])
    func staysWhereAnythingIsDoubtful(kind: String, reason: String) throws {
        let outside = try TemporaryFolder()
        defer { extendLifetime(outside) }
        let manager = FileManager.default
        let parent = kind == "below" ? "\(runs.path)/a" : runs.path
        let folder = try MadeUpRun.named("run").write(below: parent)
        try runs.index.add(folder)
        switch kind {
        case "linked":
            try manager.moveItem(atPath: folder, toPath: "\(outside.path)/run")
            try manager.createSymbolicLink(atPath: folder, withDestinationPath: "\(outside.path)/run")
        case "below":
            try manager.moveItem(atPath: parent, toPath: "\(outside.path)/a")
            try manager.createSymbolicLink(atPath: parent, withDestinationPath: "\(outside.path)/a")
        case "bare": try manager.removeItem(atPath: "\(folder)/config.yaml")
        case "point": try Data("{}".utf8).write(to: URL(fileURLWithPath: "\(folder)/point.json"))
        default:
            let other = try MadeUpRun.named("other").write(below: outside.path)
            try manager.removeItem(atPath: "\(folder)/report.json")
            try manager.copyItem(atPath: "\(other)/report.json", toPath: "\(folder)/report.json")
        }
        let candidate = try #require(runs.index.candidates(Self.rules()).first)
        #expect(candidate.fate == .stay(reason))
        let error = try #require(throws: RunStoreError.self) { try runs.index.prune(candidate.run) }
        #expect(error.description == "'\(folder)' stays: \(reason)")
        #expect(manager.fileExists(atPath: folder))
        #expect(try runs.index.count() == 1)
    }
}
