import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// The published schema against the reports of real runs.
    @Suite struct SchemaTests {
        @Test(.enabled(if: SchemaValidator.isAvailable))
        func reportsOfRunsFollowIt() async throws {
            try await Sandbox.use { sandbox in
                let schema = try await sandbox.epsim("schema", "report")
                #expect(schema.code == 0 && schema.errors == "")
                var documents: [String: String] = [:]
                for (name, run) in try await runs(sandbox) {
                    documents[name] = try String(contentsOfFile: "\(run.folder)/report.json", encoding: .utf8)
                }
                #expect(Set(documents.keys).count == 7)
                for (name, text) in documents {
                    #expect(try SchemaValidator.faults(of: [text], by: schema.output) == [], "\(name)")
                }
            }
        }

        private func runs(_ sandbox: Sandbox) async throws -> [String: RunRecord] {
            let lossFree = ["router.kind=loss-free", "router.top_k=2", "router.bias_rate=0.1"]
            var runs = [
                "verified": try await sandbox.run(
                    "--verify",
                    "--require",
                    "imbalance<9",
                    "--require",
                    "wrong-tokens==0"
                ),
                "learned": try await sandbox.run(lossFree.flatMap { ["--set", $0] }),
                "shared": try await sandbox.run("--set", "model.shared_ffn=64", "--set", "cluster.shared=coordinator"),
                "invalid": try await sandbox.run("--steps", "1"),
            ]
            #expect(runs["invalid"]?.status == "invalid")
            let predicted = sandbox.freshOut()
            let arguments = ["predict", "tiny.yaml", "--quiet", "--ranks", "4", "--set", "hardware.straggler_rank=1"]
            let prediction = try sandbox.start(arguments + ["--out", predicted])
            runs["predicted"] = try RunRecord(try await prediction.finish(), out: predicted)
            let (process, out) = try await sandbox.startLongRun()
            process.send(signal: SIGINT)
            runs["interrupted"] = try RunRecord(try await process.finish(within: 10), out: out)
            #expect(runs["interrupted"]?.status == "interrupted")
            let alone = sandbox.freshOut()
            let nobody = "ipc://@et-\(UInt32.random(in: 0...UInt32.max))"
            let waiting = ["coordinator", "tiny.yaml", "--quiet", "--bind", nobody, "--set", "cluster.start_seconds=1"]
            let failing = try sandbox.start(waiting + ["--out", alone])
            runs["failed"] = try RunRecord(try await failing.finish(), out: alone)
            #expect(runs["failed"]?.status == "failed")
            return runs
        }
    }
}
