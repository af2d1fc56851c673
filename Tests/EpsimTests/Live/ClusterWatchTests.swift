import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// `epsim cluster status --watch`.
    @Suite struct ClusterWatchTests {
        private func withCluster(_ body: (Sandbox) async throws -> Void) async throws {
            try await Sandbox.use { sandbox in
                #expect(try await sandbox.epsim("cluster", "up", "--workers", "2").code == 0)
                try await body(sandbox)
                _ = try await sandbox.epsim("cluster", "down", "--force")
            }
        }

        private static let watch = ["cluster", "status", "--watch"]

        @Test func aTerminalShowsTheWorkersAndThenTheRun() async throws {
            try await withCluster { sandbox in
                let watch = try sandbox.start(Self.watch, isOnTerminal: true, showsOutput: true)
                let idle = "cluster 'default': no run is using its 2 workers"
                #expect(try await holds(within: 10) { watch.shown.contains(idle) && watch.shown.contains(" idle") })
                let (process, out) = try await sandbox.startLongRun("--cluster")
                #expect(try await holds(within: 10) { watch.shown.contains("of 100000  ") })
                #expect(try await holds(within: 10) { watch.shown.contains("rank 1 ") })
                process.send(signal: SIGINT)
                _ = try RunRecord(try await process.finish(within: 10), out: out)
                #expect(!FileManager.default.fileExists(atPath: "\(sandbox.runtime)/default/live.json"))
                let before = watch.shown.components(separatedBy: idle).count
                #expect(try await holds(within: 10) { watch.shown.components(separatedBy: idle).count > before })
                watch.send(signal: SIGINT)
                #expect(try await watch.finish(within: 5).code == 130)
            }
        }

        @Test func elsewhereItIsALineASecond() async throws {
            try await withCluster { sandbox in
                let (process, _) = try await sandbox.startLongRun("--cluster")
                // What a run leaves for others is up to 0.2 s old.
                try await Task.sleep(for: .milliseconds(500))
                let watch = try sandbox.start(Self.watch)
                try await Task.sleep(for: .milliseconds(2500))
                watch.send(signal: SIGTERM)
                let result = try await watch.finish(within: 5)
                let lines = result.output.split(separator: "\n")
                #expect((2...4).contains(lines.count), "\(result.output)")
                let areRight = lines.allSatisfy {
                    $0.hasPrefix("step ") && $0.contains("of 100000") && !$0.contains("\u{1B}")
                }
                #expect(areRight, "\(lines)")
                process.send(signal: SIGINT)
                _ = try await process.finish(within: 10)
            }
        }

        @Test func aRunThatDiesOrStopsIsSaid() async throws {
            try await withCluster { sandbox in
                let (process, _) = try await sandbox.startLongRun("--cluster")
                process.send(signal: SIGSTOP)
                let watch = try sandbox.start(Self.watch, isOnTerminal: true, showsOutput: true)
                #expect(
                    try await holds(within: 10) {
                        watch.shown.contains("no news from the run (pid \(process.pid)) for ")
                    }
                )
                process.send(signal: SIGKILL)
                _ = try await process.finish()
                #expect(
                    try await holds(within: 10) { watch.shown.contains("(pid \(process.pid)) is gone without a word") }
                )
                watch.send(signal: SIGINT)
                _ = try await watch.finish(within: 5)
            }
        }

        @Test func itEndsWithTheCluster() async throws {
            try await withCluster { sandbox in
                let watch = try sandbox.start(Self.watch)
                #expect(try await holds(within: 10) { !watch.outputSoFar.isEmpty })
                #expect(try await sandbox.epsim("cluster", "down").code == 0)
                let result = try await watch.finish(within: 5)
                #expect(result.code == 0)
                #expect(result.errors == "epsim: there is no cluster 'default'; start one with 'epsim cluster up'\n")
            }
        }

        @Test func noClusterIsAnError() async throws {
            try await Sandbox.use { sandbox in
                let result = try await sandbox.epsim("cluster", "status", "--watch", "--name", "nobody")
                #expect(result.code == 78 && result.errors.contains("there is no cluster 'nobody'"))
            }
        }
    }
}
