import Records
import Foundation
import Reports
import RunStore

/// A folder for run folders, removed at the end.
final class TemporaryRuns {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("runs-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var index: RunIndex { RunIndex(folder: path) }

    /// Three runs of three days, the last of which failed.
    func addThree() throws {
        for (day, end) in [(1, RunEnd.completed), (2, .completed), (3, .failed("out of luck"))] {
            var run = MadeUpRun(id: "2025010\(day)T120000Z-aa", started: "2025-01-0\(day)T12:00:00Z")
            run.seed = UInt64(day)
            run.end = end
            if day == 2 { run.config = "configs/other.yaml" }
            try index.add(try run.write(below: path))
        }
    }
}
