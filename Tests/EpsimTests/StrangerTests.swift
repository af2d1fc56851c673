import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// Whoever is not a member can send what they like: the run goes on as if nobody had.
    @Suite struct StrangerTests {
        /// A coordinator with its two workers, and `disturb` while they run.
        private func run(
            _ sandbox: Sandbox,
            endpoint: String,
            steps: Int = 150,
            disturb: () throws -> Void
        ) async throws -> (run: RunRecord, log: String) {
            let out = sandbox.freshOut()
            let coordinator = try sandbox.start(
                ["coordinator", "tiny.yaml", "--bind", endpoint, "--out", out, "--steps", "\(steps)"]
            )
            // The strangers are there before any member.
            try disturb()
            let workers = try (0..<2).map { _ in try sandbox.start(["worker", "--connect", endpoint]) }
            let result = try await coordinator.finish(within: 20)
            for worker in workers { #expect(try await worker.finish(within: 5).code == 0) }
            return (try RunRecord(result, out: out), result.errors)
        }

        private func checkUndisturbed(_ sandbox: Sandbox, endpoint: String, pause: Int, steps: Int = 150) async throws {
            let quiet = try await sandbox.run("--steps", "\(steps)")
            var strangers: [Stranger] = []
            defer { for stranger in strangers { stranger.stop() } }
            let (run, log) = try await run(sandbox, endpoint: endpoint, steps: steps) {
                strangers = try (0..<2).map { _ in
                    try Stranger(endpoint: endpoint, pauseMilliseconds: pause, parcels: Stranger.garbage())
                }
            }
            #expect(run.isSound, "\(run.report.strings("reasons")) \(log)")
            #expect(run.hash != nil && run.hash == quiet.hash)
            #expect(strangers.allSatisfy { $0.sent > 20 })
            #expect(log.contains("refused peer"))
            // A peer that keeps sending garbage must not fill a disk.
            #expect(log.split(separator: "\n").count { $0.contains("refused peer") } <= 20)
        }

        @Test func garbageOverTCPDoesNoHarm() async throws {
            try await Sandbox.use { sandbox in
                let endpoint = "tcp://127.0.0.1:\(try Loopback.freePort())"
                try await checkUndisturbed(sandbox, endpoint: endpoint, pause: 2)
            }
        }

        @Test func garbageOverIPCDoesNoHarm() async throws {
            try await Sandbox.use { sandbox in
                try await checkUndisturbed(sandbox, endpoint: "ipc://\(sandbox.work)/socket", pause: 2)
            }
        }

        @Test func floodDoesNotStopARun() async throws {
            try await Sandbox.use { sandbox in
                let endpoint = "ipc://@et-\(UInt32.random(in: 0...UInt32.max))"
                try await checkUndisturbed(sandbox, endpoint: endpoint, pause: 0, steps: 20)
            }
        }

        @Test func bytesThatAreNoZeroMQDoNoHarm() async throws {
            try await Sandbox.use { sandbox in
                let port = try Loopback.freePort()
                var descriptors: [Int32] = []
                defer { for descriptor in descriptors { close(descriptor) } }
                let (run, log) = try await run(sandbox, endpoint: "tcp://127.0.0.1:\(port)") {
                    descriptors = try sendNoise(port: port)
                }
                #expect(run.isSound, "\(run.report.strings("reasons")) \(log)")
            }
        }

        /// Connections that say nothing, half a greeting, or another protocol.
        private func sendNoise(port: UInt16) throws -> [Int32] {
            let texts: [[UInt8]] = [
                [], [0xFF], [UInt8](repeating: 0xFF, count: 64), Array("GET / HTTP/1.1\r\n\r\n".utf8),
                [UInt8](repeating: 0, count: 100_000),
            ]
            var descriptors: [Int32] = []
            for text in texts {
                let descriptor = try connect(port: port)
                descriptors.append(descriptor)
                _ = unsafe Foundation.send(descriptor, text, text.count, Int32(MSG_NOSIGNAL))
            }
            return descriptors
        }

        /// The coordinator may not listen yet.
        private func connect(port: UInt16) throws -> Int32 {
            for _ in 0..<500 {
                if let descriptor = try? Loopback.connect(port: port) { return descriptor }
                Thread.sleep(forTimeInterval: 0.01)
            }
            return try Loopback.connect(port: port)
        }

        @Test func surplusWorkerIsToldWhy() async throws {
            try await Sandbox.use { sandbox in
                let endpoint = "ipc://@et-\(UInt32.random(in: 0...UInt32.max))"
                let out = sandbox.freshOut()
                let coordinator = try sandbox.start(
                    ["coordinator", "tiny.yaml", "--bind", endpoint, "--out", out, "--steps", "300", "--quiet"]
                )
                let workers = try (0..<3).map { _ in try sandbox.start(["worker", "--connect", endpoint]) }
                #expect(try RunRecord(try await coordinator.finish(within: 20), out: out).isSound)
                var results: [EpsimProcess.Result] = []
                for worker in workers { results.append(try await worker.finish(within: 5)) }
                #expect(results.count { $0.code == 0 } == 2)
                let refused = try #require(results.first { $0.code != 0 })
                #expect(refused.code == 1)
                #expect(refused.messages.count == 1)
                let words = "epsim worker: the coordinator refused this worker: the run has all its "
                #expect(refused.messages[0].hasPrefix(words), "\(refused.errors)")
            }
        }
    }
}
