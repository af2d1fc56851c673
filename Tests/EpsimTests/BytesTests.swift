import TestSupport
import Testing

extension RealProcesses {
    /// The bytes of a report against those that crossed a TCP connection, counted by somebody else.
    @Suite struct BytesTests {
        @Test(arguments: ["f32", "bf16"])
        func bytesOfTheReportCrossTheWire(payload: String) async throws {
            try await Sandbox.use { sandbox in
                let target = try Loopback.freePort()
                let proxy = try CountingProxy(target: target)
                defer { proxy.stop() }
                let out = sandbox.freshOut()
                let coordinator = try sandbox.start([
                    "coordinator", "tiny.yaml", "--quiet", "--bind", "tcp://127.0.0.1:\(target)", "--out", out,
                    "--steps", "8",
                    "--set", "run.warmup=0", "--set", "workload.tokens=400", "--set", "cluster.payload=\(payload)",
                ])
                let workers = try (0..<2).map { _ in
                    try sandbox.start(["worker", "--connect", "tcp://127.0.0.1:\(proxy.port)"])
                }
                let run = try RunRecord(try await coordinator.finish(within: 20), out: out)
                for worker in workers { _ = try await worker.finish(within: 5) }
                #expect(run.isSound, "\(run.result.errors)")
                let dispatched = try #require(run.report.number("communication.bytes.dispatch"))
                let combined = try #require(run.report.number("communication.bytes.combine"))
                #expect(dispatched > 500_000 && combined > 500_000)
                // The rest is the greeting, control messages and frame headers.
                #expect(abs(Double(proxy.bytesToWorkers) / dispatched - 1) < 0.02)
                #expect(abs(Double(proxy.bytesToCoordinator) / combined - 1) < 0.02)
            }
        }
    }
}
