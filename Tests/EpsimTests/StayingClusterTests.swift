import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// Workers that stay between runs.
    @Suite struct StayingClusterTests {
        /// A cluster of two workers for the length of `body`.
        private func withCluster(_ body: (Sandbox) async throws -> Void) async throws {
            try await Sandbox.use { sandbox in
                let up = try await sandbox.epsim("cluster", "up", "--workers", "2")
                #expect(up.code == 0, "\(up.errors)")
                #expect(up.output.hasPrefix("cluster 'default' is up: 2 workers, pids ["))
                #expect(sandbox.workers.count == 2)
                try await body(sandbox)
                #expect(sandbox.processes.isEmpty)
            }
        }

        private func expectDown(_ sandbox: Sandbox, _ words: String) async throws {
            let down = try await sandbox.epsim("cluster", "down")
            #expect(down.code == 0, "\(down.errors)")
            #expect(down.output == "cluster 'default' is down: \(words)\n")
            #expect(sandbox.processes.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: "\(sandbox.runtime)/default"))
        }

        @Test func keepsItsWeightsBetweenRuns() async throws {
            try await withCluster { sandbox in
                let wide = ["--set", "model.expert_ffn=1024", "--steps", "1", "--set", "workload.tokens=4"]
                let alone = try await sandbox.run(wide)
                let first = try await sandbox.run(["--cluster", "--verify"] + wide)
                let second = try await sandbox.run(["--cluster"] + wide)
                let other = try await sandbox.run(["--cluster", "--seed", "2"] + wide)
                for run in [alone, first, second, other] { #expect(run.result.code == 0, "\(run.result.errors)") }
                #expect(alone.hash != nil && alone.hash == first.hash && alone.hash == second.hash)
                #expect(alone.hash != other.hash)
                #expect(first.report.number("verification.wrong_tokens") == 0)
                let log = try String(contentsOfFile: "\(sandbox.runtime)/default/worker-0.log", encoding: .utf8)
                let loads = log.split(separator: "\n").filter { $0.contains("of expert weights") }
                #expect(loads.map { $0.hasSuffix("from before") } == [false, true, false])
                let status = try await sandbox.epsim("cluster", "status")
                #expect(status.code == 0)
                let rows = status.output.split(separator: "\n").suffix(2)
                for row in rows {
                    // 2 layers of 4 experts of 3 matrices of 32 x 1024 singles: 3 MiB before they are packed.
                    #expect((row.split(separator: " ").dropFirst(2).first.flatMap { Int($0) } ?? 0) >= 3)
                    #expect(row.contains(" ready"))
                }
                try await expectDown(sandbox, "2 workers ended")
            }
        }

        @Test func refusesWhatDoesNotFit() async throws {
            try await withCluster { sandbox in
                let second = try await sandbox.epsim("cluster", "up", "--workers", "2")
                #expect(second.code == 78)
                #expect(
                    second.errors
                        == "epsim: the cluster 'default' is up with 2 workers; end it with 'epsim cluster down'\n"
                )
                let other = try await sandbox.epsim("run", "tiny.yaml", "--cluster", "--workers", "3")
                #expect(other.code == 78)
                #expect(other.errors.contains("cluster.workers is 3, but the cluster 'default' has 2; use --workers 2"))
                let unknown = try await sandbox.epsim("run", "tiny.yaml", "--cluster", "--cluster-name", "nobody")
                #expect(unknown.code == 78)
                #expect(unknown.errors.contains("there is no cluster 'nobody'; start one with 'epsim cluster up'"))
                try await expectDown(sandbox, "2 workers ended")
                let again = try await sandbox.epsim("cluster", "down")
                #expect(again.code != 0)
                #expect(again.errors.contains("there is no cluster 'default'"))
            }
        }

        @Test func settingsThatDoNotApplyAreSaid() async throws {
            try await withCluster { sandbox in
                sandbox.expect("a.key")
                _ = try await sandbox.epsim("cluster", "key", "a.key")
                let keys = try await sandbox.epsim("run", "tiny.yaml", "--cluster", "--set", "cluster.key_file=a.key")
                #expect(keys.code == 78)
                #expect(keys.errors.contains("cluster.key_file does not apply to the workers of 'epsim cluster up'"))
                let twice = try await sandbox.epsim("run", "tiny.yaml", "--cluster", "--set", "cluster.transport=tcp")
                #expect(twice.code == 78)
                #expect(twice.errors.contains("cluster.transport: given by --set and again by --cluster"))
                try sandbox.write("tcp.yaml", Sandbox.tiny.replacing("workers: 2", with: "workers: 2, transport: tcp"))
                let run = try await sandbox.run(["--cluster"], config: "tcp.yaml")
                #expect(run.result.code == 0, "\(run.result.errors)")
                #expect(run.report.string("run.transport") == "ipc")
                try await expectDown(sandbox, "2 workers ended")
            }
        }

        @Test func survivesACoordinatorThatSpeaksAnotherLanguage() async throws {
            try await withCluster { sandbox in
                sandbox.expect("a.key")
                _ = try await sandbox.epsim("cluster", "key", "a.key")
                let text = try String(contentsOfFile: "\(sandbox.runtime)/default/cluster.json", encoding: .utf8)
                let endpoint = try #require(try JSON(parsing: text).string("endpoint"))
                // The workers have no keys, and the handshake fails for good on both sides.
                let other = try await sandbox.epsim(
                    "coordinator",
                    "tiny.yaml",
                    "--bind",
                    endpoint,
                    "--set",
                    "cluster.key_file=a.key",
                    "--set",
                    "cluster.start_seconds=0.5"
                )
                #expect(other.code == 1)
                let run = try await sandbox.run("--cluster", "--set", "cluster.start_seconds=8")
                #expect(run.result.code == 0, "\(run.result.errors)")
                try await expectDown(sandbox, "2 workers ended")
            }
        }

        @Test func showsThatARunHasIt() async throws {
            try await withCluster { sandbox in
                let (process, out) = try await sandbox.startLongRun("--cluster")
                let status = try await sandbox.epsim("cluster", "status")
                #expect(status.code == 0)
                #expect(status.output == "cluster 'default': a run is using its 2 workers\n")
                let second = try await sandbox.epsim("run", "tiny.yaml", "--cluster")
                #expect(second.code == 78, "\(second.errors)")
                #expect(second.errors.contains("the cluster 'default' is busy with another run"), "\(second.errors)")
                process.send(signal: SIGINT)
                let run = try RunRecord(try await process.finish(within: 10), out: out)
                #expect(run.status == "interrupted")
                // The workers are free again.
                let next = try await sandbox.run("--cluster")
                #expect(next.result.code == 0, "\(next.result.errors)")
                try await expectDown(sandbox, "2 workers ended")
            }
        }

        @Test func survivesTheDeathOfACoordinator() async throws {
            try await withCluster { sandbox in
                let (process, _) = try await sandbox.startLongRun("--cluster")
                process.send(signal: SIGKILL)
                _ = try await process.finish()
                #expect(sandbox.workers.count == 2)
                try await expectDown(sandbox, "2 workers ended, 2 by force")
            }
        }

        @Test func endsAWorkerThatIsStopped() async throws {
            try await withCluster { sandbox in
                kill(try #require(sandbox.workers[1]), SIGSTOP)
                let status = try await sandbox.epsim("cluster", "status")
                #expect(status.code == 1)
                let rows = status.output.split(separator: "\n").suffix(2)
                #expect(rows.first?.contains(" ready") == true && rows.last?.hasSuffix("does not answer") == true)
                try await expectDown(sandbox, "2 workers ended, 1 by force")
            }
        }

        @Test func losesAWorkerDuringARun() async throws {
            try await withCluster { sandbox in
                let (process, out) = try await sandbox.startLongRun(
                    "--cluster",
                    "--set",
                    "cluster.heartbeat_seconds=0.1"
                )
                let pid = try #require(sandbox.workers[0])
                kill(pid, SIGKILL)
                let run = try RunRecord(try await process.finish(within: 10), out: out)
                #expect(run.result.code == 1)
                #expect(run.result.errors.contains("epsim: worker 0 (pid \(pid) on "))
                let status = try await sandbox.epsim("cluster", "status")
                #expect(status.code == 1)
                #expect(status.output.contains("gone"))
                _ = try await sandbox.epsim("cluster", "down")
            }
        }
    }
}
