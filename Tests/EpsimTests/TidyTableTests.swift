import Basics
import Foundation
import Testing

extension RealProcesses {
    /// The tables of run folders and sweeps have one row per set of keys, however a run went.
    @Suite struct TidyTableTests {
        private static let keys = [
            "samples.csv": ["run_id", "step", "layer", "rank", "phase"],
            "experts.csv": ["run_id", "step", "layer", "expert"],
        ]

        /// Checks the keys of a table, and that every (step, layer) has all its rows.
        private static func check(_ rows: [[String: String]], keys: [String], _ name: String) {
            #expect(!rows.isEmpty, "\(name)")
            let found = rows.map { row in keys.map { row[$0] ?? "(missing)" } }
            #expect(Set(found).count == rows.count, "\(name) has a row twice")
            #expect(!found.contains { $0.contains("(missing)") }, "\(name)")
            let layers = Dictionary(grouping: rows) { [$0["step"], $0["layer"]] }
            #expect(Set(layers.values.map(\.count)).count == 1, "\(name) lacks rows")
        }

        private static func check(_ run: RunRecord) throws {
            for (name, keys) in keys { check(try run.table(name), keys: keys, name) }
        }

        @Test(arguments: [[], ["--set", "run.overlap=two-batch"], ["--set", "cluster.combine=presum"]])
        func oneRowPerSetOfKeys(arguments: [String]) async throws {
            try await Sandbox.use { sandbox in
                let run = try await sandbox.run(arguments)
                #expect(run.result.code == 0, "\(run)")
                try Self.check(run)
            }
        }

        @Test func interruptedRunsToo() async throws {
            try await Sandbox.use { sandbox in
                let (process, out) = try await sandbox.startLongRun()
                process.send(signal: SIGINT)
                let run = try RunRecord(try await process.finish(within: 20), out: out)
                #expect(run.status == "interrupted")
                try Self.check(run)
            }
        }

        @Test func failedRunsToo() async throws {
            try await Sandbox.use { sandbox in
                let (process, out) = try await sandbox.startLongRun()
                for pid in sandbox.workers.values { kill(pid, SIGKILL) }
                let run = try RunRecord(try await process.finish(within: 20), out: out)
                #expect(run.status == "failed")
                try Self.check(run)
            }
        }

        @Test func sweepsHaveARowPerRun() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write(
                    "s.yaml",
                    """
                    config: tiny.yaml
                    clock: modelled
                    set: {hardware.profile: H100-SXM}
                    grid: {cluster.workers: [1, 2]}
                    list: [{router.top_k: 1}, {router.top_k: 2}]
                    seeds: [1, 2]
                    repeats: 2

                    """
                )
                let out = sandbox.freshOut()
                let result = try await sandbox.epsim("sweep", "s.yaml", "--out", out, "--quiet")
                #expect(result.code == 0, "\(result.errors)")
                let text = try String(contentsOfFile: "\(out)/summary.csv", encoding: .utf8)
                let lines = try CSVReader.rows(of: text).map(\.fields)
                #expect(Set(lines[0]).count == lines[0].count, "a column is there twice")
                #expect(lines.count == 1 + 16)
                #expect(Set(lines.dropFirst().map { $0.prefix(2).joined(separator: ",") }).count == 16)
                let seed = try #require(lines[0].firstIndex(of: "seed"))
                let varied = ["repeat", "cluster.workers", "router.top_k"].compactMap {
                    lines[0].firstIndex(of: $0)
                }
                #expect(Set(lines.dropFirst().map { line in ([seed] + varied).map { line[$0] } }).count == 16)
            }
        }
    }
}
