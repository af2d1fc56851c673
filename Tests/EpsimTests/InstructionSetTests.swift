import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// oneDNN is held down to what other processors have, which it reads once in a process.
    @Suite struct InstructionSetTests {
        static let sets = ["AVX2", "AVX512_CORE", "AVX512_CORE_BF16"]

        /// Wide enough that every kind of product is used, and that a mebibyte of credit cuts a step.
        static let size = [
            "--steps", "1", "--set", "model.hidden=384", "--set", "model.expert_ffn=768", "--set",
            "workload.tokens=700",
            "--set", "model.experts=8",
        ]

        /// Cuts of the same work.
        static let cuts = [
            ["--workers", "1"],
            ["--workers", "2", "--set", "cluster.credit_mib=1"],
            ["--workers", "8", "--set", "cluster.credit_mib=64"],
            ["--workers", "3", "--set", "cluster.chunk_tokens=16"],
            ["--workers", "3", "--set", "cluster.chunk_tokens=512"],
            ["--workers", "2", "--set", "run.overlap=two-batch"],
        ]

        /// The setting reaches the workers: without AVX-512 there is one kernel that keeps bits.
        @Test(arguments: [("f32", "jit_1x1:avx2"), ("bf16", "jit_1x1:avx2(BF16 as F32)")])
        func workersTakeTheKernelOfTheSet(dtype: String, kernel: String) async throws {
            try await Sandbox.use { sandbox in
                let run = try await sandbox.run(
                    ["--steps", "1", "--workers", "1", "--set", "model.dtype=\(dtype)"],
                    environment: ["DNNL_MAX_CPU_ISA": "AVX2"]
                )
                let report = try String(contentsOfFile: "\(run.folder)/report.json", encoding: .utf8)
                #expect(report.replacing("\\/", with: "/").contains("\"\(kernel)\""), "\(kernel)")
            }
        }

        @Test(arguments: sets, ["f32", "bf16"])
        func outputsDoNotDependOnCuts(set: String, dtype: String) async throws {
            try await Sandbox.use { sandbox in
                var hashes: [String?] = []
                for cut in Self.cuts {
                    let run = try await sandbox.run(
                        Self.size + ["--set", "model.dtype=\(dtype)"] + cut,
                        environment: ["DNNL_MAX_CPU_ISA": set],
                        seconds: 60
                    )
                    #expect(run.status != "failed", "\(run.report.strings("reasons"))")
                    hashes.append(run.hash)
                }
                #expect(hashes.allSatisfy { $0 != nil && $0 == hashes[0] }, "\(hashes)")
            }
        }
    }
}
