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

        /// The setting reaches the workers: without AVX-512 none of its kernels runs, and bfloat16 is multiplied as singles.
        @Test(arguments: ["f32", "bf16"])
        func workersTakeAKernelOfTheSet(dtype: String) async throws {
            try await Sandbox.use { sandbox in
                let run = try await sandbox.run(
                    ["--steps", "1", "--workers", "1", "--set", "model.dtype=\(dtype)"],
                    environment: ["DNNL_MAX_CPU_ISA": "AVX2"]
                )
                let worker = try #require(run.report.elements("run.workers").first)
                let kernels = worker.strings("kernels")
                #expect(!kernels.isEmpty && !kernels.contains { $0.contains("avx512") }, "\(kernels)")
                #expect(
                    dtype == "f32" || kernels.allSatisfy { $0.contains("BF16") && $0.contains("F32") },
                    "\(kernels)"
                )
            }
        }

        /// What was chosen is kept for this instruction set alone, runs, and is not measured again.
        @Test func choicesAreKept() async throws {
            try await Sandbox.use { sandbox in
                let path = "\(sandbox.path)/hardware/kernels.json"
                for set in ["AVX2", "AVX2", "AVX512_CORE"] {
                    let environment = ["DNNL_MAX_CPU_ISA": set, "EPSIM_HARDWARE": "\(sandbox.path)/hardware"]
                    let before = FileManager.default.contents(atPath: path)
                    let run = try await sandbox.run(["--steps", "1", "--workers", "1"], environment: environment)
                    let after = try String(contentsOfFile: path, encoding: .utf8)
                    #expect(set != "AVX2" || before == nil || before == Data(after.utf8))
                    let kernels = try #require(run.report.elements("run.workers").first).strings("kernels")
                    #expect(kernels.allSatisfy { after.contains("\"\($0)\"") }, "\(kernels) \(after)")
                    let doctor = try await sandbox.epsim("doctor", environment: environment)
                    #expect(doctor.output.contains("32 x 64 F32, tens of rows: "), "\(doctor.output)")
                }
                try Data("{".utf8).write(to: URL(fileURLWithPath: path))
                let broken = try await sandbox.epsim(
                    "run",
                    "tiny.yaml",
                    environment: ["EPSIM_HARDWARE": "\(sandbox.path)/hardware"]
                )
                #expect(broken.code == 78)
                #expect(broken.messages.last?.contains("kernels.json: not a file of kernels") == true)
            }
        }

        /// Where nothing can be kept, nothing is measured: the next run would have other bits.
        @Test func placeThatCannotBeWrittenIsNoted() async throws {
            try await Sandbox.use { sandbox in
                let environment = ["EPSIM_HARDWARE": "/proc/nowhere"]
                let result = try await sandbox.epsim("run", "tiny.yaml", environment: environment)
                #expect(result.code == 0)
                let note = "epsim: kernels are not chosen by measurement: /proc/nowhere/kernels.json: cannot be written"
                #expect(result.messages.contains { $0.hasPrefix(note) }, "\(result.messages)")
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
