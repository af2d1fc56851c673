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
                guard let path = try zeros(sandbox) else { return }
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

        /// Writes the header and leaves the data a hole; nil where the file system has no sparse files.
        private func zeros(_ sandbox: Sandbox) throws -> String? {
            var entries: [String: JSON] = [:]
            var end = 0
            func add(_ name: String, _ shape: [Int]) {
                let start = end
                end += shape.reduce(2, *)
                entries[name] = .object([
                    "dtype": .string("BF16"), "shape": .array(shape.map { .number(Double($0)) }),
                    "data_offsets": .array([.number(Double(start)), .number(Double(end))]),
                ])
            }
            for layer in 0..<Self.layers {
                let block = "model.layers.\(layer).mlp."
                add(block + "gate.weight", [Self.experts, Self.hidden])
                for expert in 0..<Self.experts {
                    add(block + "experts.\(expert).gate_proj.weight", [Self.ffn, Self.hidden])
                    add(block + "experts.\(expert).up_proj.weight", [Self.ffn, Self.hidden])
                    add(block + "experts.\(expert).down_proj.weight", [Self.hidden, Self.ffn])
                }
            }
            let json = try JSON.object(entries).data()
            let length = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) }
            let path = try sandbox.write("zeros.safetensors", length + Array(json))
            let byteCount = 8 + json.count + end
            #expect(byteCount > 10_000_000_000)
            guard unsafe truncate(path, off_t(byteCount)) == 0 else { return nil }
            var status = stat()
            guard unsafe lstat(path, &status) == 0, status.st_blocks * 512 < 100_000_000 else { return nil }
            return path
        }
    }
}
