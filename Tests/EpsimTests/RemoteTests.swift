import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// A coordinator and workers that were started apart.
    @Suite struct RemoteTests {
        private func coordinator(_ sandbox: Sandbox, _ arguments: String...) throws -> (EpsimProcess, String) {
            let out = sandbox.freshOut()
            return (try sandbox.start(["coordinator", "tiny.yaml", "--quiet", "--out", out] + arguments), out)
        }

        private func makeKeys(_ sandbox: Sandbox, _ name: String) async throws {
            sandbox.expect(name)
            let result = try await sandbox.epsim("cluster", "key", name)
            #expect(result.code == 0, "\(result.errors)")
        }

        @Test func workersJoinOverTCPWithKeys() async throws {
            try await Sandbox.use { sandbox in
                try await makeKeys(sandbox, "a.key")
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(sandbox.work)/a.key")
                #expect(attributes[.posixPermissions] as? Int == 0o600)
                let again = try await sandbox.epsim("cluster", "key", "a.key")
                #expect(again.code == 1 && again.errors.contains("exists already"))
                let local = try await sandbox.run("--verify")

                let address = "tcp://127.0.0.1:\(try Loopback.freePort())"
                // Workers may come first; one finds its keys in the environment.
                let connect = ["worker", "--connect", address]
                let workers = [
                    try sandbox.start(connect + ["--key-file", "a.key"]),
                    try sandbox.start(connect, environment: ["EPSIM_CLUSTER_KEY_FILE": "\(sandbox.work)/a.key"]),
                ]
                let (process, out) = try coordinator(
                    sandbox,
                    "--bind",
                    address,
                    "--verify",
                    "--set",
                    "cluster.key_file=a.key"
                )
                let run = try RunRecord(try await process.finish(within: 20), out: out)
                #expect(run.isSound, "\(run.result.errors) \(run.report.strings("reasons"))")
                #expect(run.hash == local.hash)
                #expect(run.report.number("verification.wrong_tokens") == 0)
                #expect(run.report.string("run.transport") == "tcp")
                for worker in workers { #expect(try await worker.finish(within: 5).code == 0) }
            }
        }

        @Test(arguments: ["[::1]", "localhost"])
        func workersJoinByNameAndIPv6(host: String) async throws {
            try await Sandbox.use { sandbox in
                let address = "tcp://\(host):\(try Loopback.freePort())"
                let workers = try (0..<2).map { _ in try sandbox.start(["worker", "--connect", address]) }
                let (process, out) = try coordinator(sandbox, "--bind", address, "--verify")
                let run = try RunRecord(try await process.finish(within: 20), out: out)
                #expect(run.isSound, "\(run.result.errors) \(run.report.strings("reasons"))")
                for worker in workers { #expect(try await worker.finish(within: 5).code == 0) }
            }
        }

        /// Nobody could answer there, so that no time is spent on waiting.
        @Test func workersDialOneMachineThatIsKnown() async throws {
            try await Sandbox.use { sandbox in
                for address in ["tcp://*:5555", "tcp://127.0.0.1:*"] {
                    let result = try await sandbox.epsim("worker", "--connect", address)
                    #expect(result.code == 64)
                    #expect(
                        result.errors.contains("--connect \"\(address)\" is no endpoint to connect to; allowed: "),
                        "\(result.errors)"
                    )
                }
                let start = ContinuousClock.now
                let result = try await sandbox.epsim("worker", "--connect", "tcp://no.such.host.invalid:5555")
                #expect(result.code == 1 && ContinuousClock.now - start < .seconds(30))
                #expect(
                    result.errors.hasPrefix(
                        "epsim worker: cannot connect to tcp://no.such.host.invalid:5555: its host has no address here: "
                    ),
                    "\(result.errors)"
                )
            }
        }

        @Test func workerWithOtherKeysNeverJoins() async throws {
            try await Sandbox.use { sandbox in
                try await makeKeys(sandbox, "a.key")
                try await makeKeys(sandbox, "b.key")
                let address = "tcp://127.0.0.1:\(try Loopback.freePort())"
                let connect = ["worker", "--connect", address, "--rank"]
                let right = try sandbox.start(connect + ["0", "--key-file", "a.key"])
                let wrong = try sandbox.start(connect + ["1", "--key-file", "b.key"])
                let none = try sandbox.start(connect + ["1"])
                let (process, out) = try coordinator(
                    sandbox,
                    "--bind",
                    address,
                    "--set",
                    "cluster.key_file=a.key",
                    "--set",
                    "cluster.start_seconds=1.5"
                )
                let run = try RunRecord(try await process.finish(within: 10), out: out)
                #expect(run.result.code == 1)
                #expect(run.status == "failed")
                #expect(
                    run.result.messages == [
                        "epsim: 1 of 2 workers were ready after 1.5 s; missing: worker 1; check that they run and find "
                            + "the coordinator, or allow more time (cluster.start_seconds)"
                    ]
                )
                #expect(try await right.finish(within: 5).code == 0)
                #expect(wrong.isRunning && none.isRunning)
                for worker in [wrong, none] {
                    worker.send(signal: SIGTERM)
                    #expect(try await worker.finish(within: 5).code == 130)
                }
            }
        }

        @Test func missingWorkersAreNamed() async throws {
            try await Sandbox.use { sandbox in
                let (process, out) = try coordinator(
                    sandbox,
                    "--bind",
                    "ipc://\(sandbox.work)/socket",
                    "--set",
                    "cluster.start_seconds=0.3"
                )
                let run = try RunRecord(try await process.finish(within: 10), out: out)
                #expect(run.result.code == 1)
                #expect(
                    run.result.messages.first?.contains(
                        "0 of 2 workers were ready after 0.3 s; missing: worker 0, worker 1;"
                    ) == true
                )
                #expect(run.report.number("workers") == 2)
            }
        }

        @Test func workerAsksForItsRank() async throws {
            try await Sandbox.use { sandbox in
                let address = "ipc://@et-\(UInt32.random(in: 0...UInt32.max))"
                let connect = ["worker", "--connect", address, "--rank"]
                let workers = try [1, 0].map { try sandbox.start(connect + ["\($0)"]) }
                let refused = try sandbox.start(connect + ["7"])
                let (process, out) = try coordinator(sandbox, "--bind", address, "--steps", "200")
                let run = try RunRecord(try await process.finish(within: 20), out: out)
                let pids = run.report.elements("run.workers").map { $0.number("pid") }
                #expect(pids == [Double(workers[1].pid), Double(workers[0].pid)])
                for worker in workers { #expect(try await worker.finish(within: 5).code == 0) }
                let result = try await refused.finish(within: 5)
                #expect(result.code == 1)
                #expect(
                    result.errors.contains("refused this worker: rank 7 in a run of 2 workers")
                        || result.errors.contains("the run has all its")
                )
            }
        }

        @Test func workerGoneDuringARunIsNamed() async throws {
            try await Sandbox.use { sandbox in
                let address = "tcp://127.0.0.1:\(try Loopback.freePort())"
                let workers = try (0..<2).map {
                    try sandbox.start(["worker", "--connect", address, "--rank", "\($0)"])
                }
                let (process, out) = try coordinator(
                    sandbox,
                    "--bind",
                    address,
                    "--steps",
                    "100000",
                    "--set",
                    "cluster.heartbeat_seconds=0.1"
                )
                #expect(
                    try await holds(within: 10) { workers.allSatisfy { $0.errorsSoFar.contains("of expert weights") } }
                )
                try await Task.sleep(for: .milliseconds(100))
                workers[1].send(signal: SIGKILL)
                let run = try RunRecord(try await process.finish(within: 10), out: out)
                #expect(run.result.code == 1)
                #expect(run.result.messages.last?.hasPrefix("epsim: worker 1 (pid \(workers[1].pid) on ") == true)
                #expect(try await workers[0].finish(within: 5).code == 0)
                _ = try await workers[1].finish(within: 5)
            }
        }
    }
}
