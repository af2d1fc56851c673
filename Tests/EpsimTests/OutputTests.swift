import Foundation
import Tensors
import TestSupport
import Testing

extension RealProcesses {
    /// The outputs have the same bits however the work is spread, sent or slowed down.
    @Suite struct OutputTests {
        private func checkSame(_ sandbox: Sandbox, _ variants: [[String]], common: [String] = []) async throws {
            var first: String?
            for variant in variants {
                let run = try await sandbox.run(["--verify", "--steps", "1"] + common + variant)
                #expect(run.result.code == 0, "\(variant): \(run.result.errors)")
                #expect(run.report.number("verification.wrong_tokens") == 0, "\(variant)")
                #expect((run.report.number("verification.checked_tokens") ?? 0) > 0)
                let hash = try #require(run.hash)
                #expect(hash.count == 64)
                #expect(hash == first ?? hash, "\(common) \(variant) against \(variants[0])")
                first = first ?? hash
            }
        }

        @Test func areTheSameForAnyNumberOfWorkers() async throws {
            try await Sandbox.use { sandbox in
                try await checkSame(sandbox, [1, 2, 3, 4, 8].map { ["--workers", "\($0)"] })
            }
        }

        @Test func areTheSameHoweverTheClusterIsSetUp() async throws {
            let settings = [
                "cluster.placement=contiguous", "cluster.placement=round-robin", "cluster.gate_weights=worker",
                "cluster.transport=tcp", "cluster.threads=2",
            ]
            try await Sandbox.use { sandbox in
                try await checkSame(sandbox, settings.map { ["--set", $0] }, common: ["--workers", "3"])
            }
        }

        @Test func areTheSameWithADelayInAnyPhase() async throws {
            let phases = ["none", "dispatch", "queue", "compute", "combine"]
            try await Sandbox.use { sandbox in
                try await checkSame(
                    sandbox,
                    phases.map { ["--set", "cluster.delay_phase=\($0)"] + Self.delay($0) }
                )
            }
        }

        private static func delay(_ phase: String) -> [String] {
            phase == "none" ? [] : ["--set", "cluster.delay_rank=1", "--set", "cluster.delay_milliseconds=5"]
        }

        @Test func areTheSameInManySmallBatches() async throws {
            try await Sandbox.use { sandbox in
                let size = ["--set", "model.hidden=64", "--set", "workload.tokens=1500", "--steps", "1"]
                let whole = try await sandbox.run(size + ["--workers", "1"])
                let inParts = try await sandbox.run(size + ["--workers", "1", "--set", "cluster.credit_mib=1"])
                #expect(whole.hash != nil && whole.hash == inParts.hash)
                // Each batch has a header of 120 bytes. In halves of 1 MiB: 3,000 outputs of 256 bytes, as many there at
                // most, and 16 bytes beside each.
                let rows = 3000.0 * 256
                #expect(whole.report.number("communication.bytes.combine") == 2 * (120 + rows))
                #expect(inParts.report.number("communication.bytes.combine") == 2 * (4 * 120 + rows))
            }
        }

        @Test func areTheSameForEveryKindOfModelAndInput() async throws {
            let kinds = [
                ["model.shared_ffn=32", "model.activation=gelu"],
                ["router.kind=noisy-top-k", "router.drop=position", "router.capacity_factor=0.5"],
                ["model.dtype=bf16", "cluster.payload=bf16"],
                ["workload.kind=text", "workload.path=words.txt"],
                ["workload.kind=activations", "workload.path=states.safetensors"],
            ]
            try await Sandbox.use { sandbox in
                try sandbox.write("words.txt", (0..<40).map { "word\($0) of a text, " }.joined())
                try writeStates(sandbox)
                for kind in kinds {
                    let common = kind.flatMap { ["--set", $0] }
                    try await checkSame(sandbox, [["--workers", "1"], ["--workers", "3"]], common: common)
                }
            }
        }

        private func writeStates(_ sandbox: Sandbox) throws {
            sandbox.expect("states.safetensors")
            let spec = TensorSpec(name: "hidden", dtype: .f32, shape: [50, 32])
            let writer = try SafetensorsWriter(path: "\(sandbox.work)/states.safetensors", tensors: [spec])
            let random = CounterRandom(seed: 5, purpose: .test)
            try writer.write("hidden", atRow: 0, floats: (0..<1600).map { random.uniform($0) - 0.5 })
            try writer.finish()
        }

        @Test func followFromTheSeed() async throws {
            try await Sandbox.use { sandbox in
                let first = try await sandbox.run("--seed", "1")
                let again = try await sandbox.run("--seed", "1")
                let other = try await sandbox.run("--seed", "2")
                #expect(first.hash != nil && first.hash == again.hash)
                #expect(other.hash != nil && first.hash != other.hash)
                #expect(other.report.number("seed") == 2)
            }
        }
    }
}
