import Foundation
import Glibc
import TestSupport
import Testing

extension RealProcesses {
    /// A checkpoint much larger than the part that is served: each worker holds its own shard and little else.
    @Suite struct LargeCheckpointTests {
        /// OLMoE's widths, with 48 experts in each of 17 layers: 10.3 GB of BF16.
        private static let (hidden, ffn, experts, layers) = (2048, 1024, 48, 17)
        private static let expertBytes = 3 * hidden * ffn * 2

        @Test func workersHoldTheirShardOnly() async throws {
            try await Sandbox.use { sandbox in
                let path = try zeros(sandbox)
                try sandbox.write(
                    "large.yaml",
                    """
                    model: {checkpoint: \(path), family: olmoe, layer: "4,11", dtype: bf16}
                    workload: {kind: synthetic, tokens: 8}
                    cluster: {workers: 2, start_seconds: 120, layer_seconds: 60}
                    run: {steps: 2, warmup: 0}

                    """
                )
                let out = sandbox.freshOut()
                let process = try sandbox.start(["run", "large.yaml", "--quiet", "--out", out])
                let resident = try await largestResident(process, sandbox)
                let run = try RunRecord(try await process.finish(within: 30), out: out)
                #expect(run.result.code == 0, "\(run.result.errors)")
                // Half of the experts of two layers each.
                let shard = Double(Self.experts * Self.expertBytes)
                let workers = run.report.elements("run.workers")
                #expect(workers.count == 2 && resident.count == 2)
                for worker in workers {
                    let rank = try #require(worker["rank"]?.int)
                    #expect(worker.number("weight_bytes") == shard)
                    let found = Double(resident[rank] ?? 0)
                    print("rank \(rank): shard of \(Int(shard / 1e6)) MB, \(Int(found / 1e6)) MB resident at most")
                    #expect((shard...shard * 1.15).contains(found), "rank \(rank): \(found) bytes for \(shard)")
                }
            }
        }

        /// Mixtral's names in 64 layers of 8 experts of Grok's widths: 825 GB of BF16.
        @Test func whatIsTooLargeCanBePredicted() async throws {
            try await Sandbox.use { sandbox in
                var tensors: [(name: String, shape: [Int])] = []
                let (hidden, ffn) = (8192, 32768)
                for layer in 0..<64 {
                    let block = "model.layers.\(layer).block_sparse_moe."
                    tensors.append((block + "gate.weight", [8, hidden]))
                    for expert in 0..<8 {
                        let shapes = [("w1", [ffn, hidden]), ("w3", [ffn, hidden]), ("w2", [hidden, ffn])]
                        tensors += shapes.map { (block + "experts.\(expert).\($0.0).weight", $0.1) }
                    }
                }
                for name in ["a model", "run.yaml", "runs"] { sandbox.expect(name) }
                try FileManager.default.createDirectory(
                    atPath: "\(sandbox.work)/a model",
                    withIntermediateDirectories: false
                )
                _ = try SparseCheckpoint.write("\(sandbox.work)/a model/model.safetensors", tensors: tensors)
                let config = #"{"model_type": "mixtral"}"#
                try config.write(toFile: "\(sandbox.work)/a model/config.json", atomically: false, encoding: .utf8)
                try sandbox.write(
                    "run.yaml",
                    """
                    model: {checkpoint: a model}
                    workload: {kind: synthetic, tokens: 64}
                    cluster: {workers: 2}
                    run: {steps: 1, warmup: 0}

                    """
                )
                let settings = ["--set", "run.seed=3", "--set", "cluster.chunk_tokens=16"]
                let run = try sandbox.start(["run", "run.yaml"] + settings)
                let refused = try await run.finish(within: 30)
                #expect(refused.code == 78)
                let advice = "or predict it: epsim predict run.yaml --set run.seed=3 --ranks 8\n"
                #expect(refused.errors.hasSuffix(advice), "\(refused.errors)")
                let predicted = try await sandbox.epsim("predict", "run.yaml", "--set", "run.seed=3", "--ranks", "8")
                #expect(predicted.code == 0, "\(predicted.errors)")
                #expect(predicted.output.contains("VALID"))
            }
        }

        /// The largest resident memory of each worker, by rank, looked at until the run is over.
        private func largestResident(_ process: EpsimProcess, _ sandbox: Sandbox) async throws -> [Int: Int] {
            var largest: [Int: Int] = [:]
            let deadline = ContinuousClock.now + .seconds(150)
            while process.isRunning, ContinuousClock.now < deadline {
                for (rank, pid) in sandbox.workers {
                    largest[rank] = max(largest[rank] ?? 0, residentBytes(pid) ?? 0)
                }
                try await Task.sleep(for: .milliseconds(20))
            }
            return largest
        }

        private func residentBytes(_ pid: Int32) -> Int? {
            // Reading by name would stop after the first page of a file that says that it has no bytes.
            guard let data = try? FileHandle(forReadingAtPath: "/proc/\(pid)/status")?.readToEnd() else { return nil }
            let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
        }

        /// Writes the checkpoint and returns its path.
        private func zeros(_ sandbox: Sandbox) throws -> String {
            var tensors: [(name: String, shape: [Int])] = []
            for layer in 0..<Self.layers {
                let block = "model.layers.\(layer).mlp."
                tensors.append((block + "gate.weight", [Self.experts, Self.hidden]))
                for expert in 0..<Self.experts {
                    let name = block + "experts.\(expert)."
                    tensors.append((name + "gate_proj.weight", [Self.ffn, Self.hidden]))
                    tensors.append((name + "up_proj.weight", [Self.ffn, Self.hidden]))
                    tensors.append((name + "down_proj.weight", [Self.hidden, Self.ffn]))
                }
            }
            sandbox.expect("zeros.safetensors")
            let path = "\(sandbox.work)/zeros.safetensors"
            let byteCount = try SparseCheckpoint.write(path, tensors: tensors)
            #expect(byteCount > 10_000_000_000)
            return path
        }

        /// A prediction would lack the effect of a delay, and refuses it: the advice says that it has to leave.
        @Test func theAdviceSaysWhatAPredictionRefuses() async throws {
            try await Sandbox.use { sandbox in
                let model = "model: {layers: 58, hidden: 7168, experts: 256, expert_ffn: 2048}\n"
                let delay = "cluster: {workers: 4, delay_phase: compute, delay_rank: 1, delay_milliseconds: 3}\n"
                try sandbox.write("run.yaml", model + "workload: {kind: synthetic, tokens: 4096}\n" + delay)
                let environment = ["EPSIM_HARDWARE": Sandbox.profiles]
                let result = try await sandbox.start(["run", "run.yaml"], environment: environment).finish()
                #expect(result.code == 78)
                let words =
                    "; or predict it without cluster.delay_phase, cluster.delay_rank and cluster.delay_milliseconds: "
                    + "epsim predict run.yaml --ranks "
                #expect(result.errors.contains(words), "\(result.errors)")
            }
        }
    }
}
