import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// The user ends a run before its time.
    @Suite struct SignalTests {
        @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
        func signalEndsTheRunInOrder(signal: Int32) async throws {
            try await Sandbox.use { sandbox in
                let (process, out) = try await sandbox.startLongRun("--save-outputs", "o.safetensors")
                process.send(signal: signal)
                let run = try RunRecord(try await process.finish(within: 10), out: out)
                #expect(run.result.code == 130)
                #expect(run.status == "interrupted")
                #expect(run.report.strings("reasons").first?.hasPrefix("ended by the user after") == true)
                let steps = try #require(run.report.number("steps"))
                #expect(steps > 0)
                // Two layers: gate, shared and merge once, five phases for each of two ranks.
                #expect(try run.table("samples.csv").count == Int(steps) * 2 * 13)
                #expect(try run.table("experts.csv").count == Int(steps) * 2 * 8)
                #expect(run.hash?.count == 64)
            }
        }

        @Test func ctrlCOfAWholeGroupEndsTheRunInOrder() async throws {
            try await Sandbox.use { sandbox in
                let (process, out) = try await sandbox.startLongRun()
                for entry in sandbox.processes { kill(entry.pid, SIGINT) }
                let run = try RunRecord(try await process.finish(within: 10), out: out)
                #expect(run.result.code == 130)
                #expect(run.status == "interrupted")
            }
        }

        @Test func hangUpThatIsIgnoredStaysSo() async throws {
            try await Sandbox.use { sandbox in
                // As nohup does; the program inherits it.
                let earlier = signal(SIGHUP, SIG_IGN)
                defer { signal(SIGHUP, earlier) }
                let (process, out) = try await sandbox.startLongRun()
                process.send(signal: SIGHUP)
                #expect(try await !holds(within: 0.5) { !process.isRunning })
                process.send(signal: SIGTERM)
                let run = try RunRecord(try await process.finish(within: 10), out: out)
                #expect(run.result.code == 130)
            }
        }

        @Test func waitingForWorkersCanBeInterrupted() async throws {
            try await Sandbox.use { sandbox in
                let out = sandbox.freshOut()
                let name = "ipc://@et-\(UInt32.random(in: 0...UInt32.max))"
                let arguments = ["coordinator", "tiny.yaml", "--bind", name, "--out", out]
                let process = try sandbox.start(arguments, isOnTerminal: true)
                #expect(try await holds(within: 10) { process.shown.contains("waiting for workers: 0 of 2 ready") })
                process.send(signal: SIGINT)
                let run = try RunRecord(try await process.finish(within: 10), out: out)
                #expect(run.result.code == 130)
                #expect(run.report.number("steps") == 0)
            }
        }

        @Test func recomputingCanBeInterrupted() async throws {
            try await Sandbox.use { sandbox in
                let (process, out) = try await sandbox.startLongRun("--verify")
                process.send(signal: SIGINT)
                let run = try RunRecord(try await process.finish(within: 10), out: out)
                #expect(run.result.code == 130)
                #expect(run.report.number("verification.wrong_tokens") == 0)
            }
        }

        @Test func separateWorkerEndsOnCtrlC() async throws {
            try await Sandbox.use { sandbox in
                let process = try sandbox.start(["worker", "--connect", "ipc://@nobody-\(UInt32.random(in: 0...9999))"])
                try await Task.sleep(for: .milliseconds(200))
                process.send(signal: SIGINT)
                #expect(try await process.finish(within: 5).code == 130)
            }
        }
    }
}
