import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// A worker that dies or hangs ends the run with one line that names it.
    @Suite struct WorkerLossTests {
        private func checkFailed(_ run: RunRecord, names worker: String, says what: String...) throws {
            #expect(run.result.code == 1)
            #expect(run.status == "failed")
            let line = try #require(run.result.messages.last)
            #expect(line.hasPrefix("epsim: \(worker)"), "\(line)")
            #expect(what.contains { line.contains($0) }, "\(line)")
            #expect(run.report.strings("reasons").first?.hasPrefix(worker) == true)
            #expect((run.report.number("steps") ?? 0) > 0)
            #expect(try !run.table("samples.csv").isEmpty)
        }

        @Test(arguments: [
            (SIGKILL, "was killed by signal 9"), (SIGTERM, "ended with exit code 130: interrupted by a signal"),
        ])
        func deathOfAWorkerEndsTheRun(signal: Int32, words: String) async throws {
            try await Sandbox.use { sandbox in
                let (process, out) = try await sandbox.startLongRun(workers: 3)
                let pid = try #require(sandbox.workers[1])
                kill(pid, signal)
                let run = try RunRecord(try await process.finish(within: 10), out: out)
                // Even where the end of the connection is seen before that of the process.
                try checkFailed(run, names: "worker 1 (pid \(pid)", says: words)
                #expect(sandbox.processes.isEmpty)
            }
        }

        @Test func stoppedWorkerIsGivenUp() async throws {
            try await Sandbox.use { sandbox in
                let (process, out) = try await sandbox.startLongRun(
                    "--set",
                    "cluster.heartbeat_seconds=0.1",
                    workers: 3
                )
                let pid = try #require(sandbox.workers[2])
                kill(pid, SIGSTOP)
                let run = try RunRecord(try await process.finish(within: 10), out: out)
                try checkFailed(run, names: "worker 2 (pid \(pid)", says: "does not answer: no heartbeat for 0.4 s")
                #expect(sandbox.processes.isEmpty)
            }
        }

        @Test func workerThatAnswersButDoesNotComputeIsGivenUp() async throws {
            try await Sandbox.use { sandbox in
                let run = try await sandbox.run(
                    "--set",
                    "cluster.delay_phase=compute",
                    "--set",
                    "cluster.delay_rank=1",
                    "--set",
                    "cluster.delay_milliseconds=30000",
                    "--set",
                    "cluster.layer_seconds=0.3",
                    "--set",
                    "run.warmup=0"
                )
                #expect(run.result.code == 1)
                let line = try #require(run.result.messages.last)
                #expect(line.hasPrefix("epsim: worker 1 (pid"))
                #expect(
                    line.contains("did not return layer 0 of step 0 (warm-up counted) within 0.3 s; allow more time")
                )
                #expect(run.report.number("steps") == 0)
            }
        }

        @Test func workersEndWithTheirCoordinator() async throws {
            try await Sandbox.use { sandbox in
                let (process, out) = try await sandbox.startLongRun(workers: 3)
                #expect(sandbox.workers.count == 3)
                process.send(signal: SIGKILL)
                #expect(try await process.finish().code == 128 + SIGKILL)
                #expect(try await holds(within: 2) { sandbox.processes.isEmpty })
                // Nothing looks like a whole run.
                let folder = try FileManager.default.contentsOfDirectory(atPath: out)
                #expect(!FileManager.default.fileExists(atPath: "\(out)/\(folder[0])/report.json"))
            }
        }

        @Test func workerThatDiesBeforeItIsReadyIsNamed() async throws {
            try await Sandbox.use { sandbox in
                let out = sandbox.freshOut()
                let process = try sandbox.start(["run", "tiny.yaml", "--out", out, "--quiet", "--steps", "100000"])
                #expect(try await holds(within: 10) { sandbox.workers.count == 2 })
                for pid in sandbox.workers.values { kill(pid, SIGKILL) }
                let run = try RunRecord(try await process.finish(within: 10), out: out)
                #expect(run.result.code == 1)
                #expect(run.status == "failed")
                #expect(run.result.messages.last?.hasPrefix("epsim: worker ") == true)
            }
        }
    }
}
