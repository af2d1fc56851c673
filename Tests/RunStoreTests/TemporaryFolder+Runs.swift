import MadeUpRuns
import Records
import Reports
import RunStore
import TestSupport

/// A folder for run folders, with their index.
extension TemporaryFolder {
    var index: RunIndex { RunIndex(folder: path) }

    /// Three runs of three days, the last of which failed.
    func addThree() throws {
        for (day, end) in [(1, RunEnd.completed), (2, .completed), (3, .failed("out of luck"))] {
            var run = MadeUpRun.named("2025010\(day)T120000Z-aa", seed: UInt64(day))
            run.description.startedAt = "2025-01-0\(day)T12:00:00Z"
            if day == 2 { run.description.configName = "configs/other.yaml" }
            try index.add(try run.write(below: path, end: end))
        }
    }
}
