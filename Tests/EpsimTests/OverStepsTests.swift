import Basics
import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// What a report says of a router that learns.
    @Suite struct OverStepsTests {
        /// The bundled hidden states, which a router without a bias sends to few experts.
        private static let activations = packageFolder("configs/data/minilm-l6.layer3.safetensors")

        private static let learning = [
            "--set", "model.hidden=384", "--set", "model.experts=16", "--set", "model.expert_ffn=8",
            "--set", "workload.kind=activations", "--set", "workload.path=\(activations)",
            "--set", "workload.tokens=256", "--set", "router.kind=deepseek-v3", "--set", "router.top_k=4",
            "--set", "router.bias_rate=0.01", "--set", "run.steps=32", "--set", "run.warmup=0",
        ]

        /// Means of runs of steps, by a formula of this test's own.
        private func means(_ steps: [JSON], _ key: String, rows: Int) -> [Double] {
            let values = steps.compactMap { $0.number(key) }
            return (0..<rows).map { row in
                let run = values[row * values.count / rows..<(row + 1) * values.count / rows]
                return run.reduce(0, +) / Double(run.count)
            }
        }

        @Test func theBiasOfDeepSeekV3BringsMaxVioDown() async throws {
            try await Sandbox.use { sandbox in
                let out = sandbox.freshOut()
                let process = try sandbox.start(["run", "tiny.yaml", "--out", out] + Self.learning)
                let run = try RunRecord(try await process.finish(within: 60), out: out)
                let result = run.result
                #expect(result.code == 0, "\(result.errors)")
                let table = result.output.split(separator: "\n").drop { !$0.hasPrefix("# over the steps") }.dropFirst(2)
                let shown = table.prefix(10).compactMap { $0.split(separator: " ").dropFirst().first.map(String.init) }
                #expect(result.output.contains("\nsteps  expert MaxVio  expert imbalance  rank imbalance  loss: "))
                #expect(run.report["run.router_learns"] == .bool(true))
                let steps = run.report.elements("per_step")
                #expect(steps.count == 32)
                let rows = means(steps, "maxvio", rows: 10)
                for (text, value) in zip(shown, rows) {
                    #expect(abs((Double(text) ?? .nan) - value) <= 0.0005 + 1e-9)
                }
                #expect(shown.count == 10)
                #expect((rows.last ?? 9) < 0.85 * (rows.first ?? 0), "\(rows)")
            }
        }

        @Test func thePublishedRuleIsNamedWithWhatWasChanged() async throws {
            try await Sandbox.use { sandbox in
                let result = try await sandbox.run(Self.learning)
                let router = try #require(result.report.string("run.router"))
                #expect(
                    router.hasPrefix("deepseek-v3 in training: sigmoid, top-4, selected with a bias, "),
                    "\(router)"
                )
                #expect(
                    router.hasSuffix(
                        "changed: top-k 4 (from 8), selection bias added, by sign, 0.01 a step (from added, by sign, "
                            + "0.001 a step)"
                    ),
                    "\(router)"
                )
                let noisy = try await sandbox.run("--set", "router.kind=noisy-top-k", "--set", "router.top_k=3")
                #expect(
                    noisy.report.string("run.router") == "noisy-top-k in training: the k largest noisy logits, then "
                        + "softmax over them; at most 3 copies a token; set: top_k 3"
                )
                #expect(noisy.report.number("load.smooth_load.cv_squared.mean") != nil)
            }
        }

        @Test func theFlagShowsStepsOfAnyRouter() async throws {
            try await Sandbox.use { sandbox in
                let without = try await sandbox.epsim("run", "tiny.yaml")
                #expect(!without.output.contains("# over the steps"))
                let with = try await sandbox.epsim("run", "tiny.yaml", "--over-steps")
                let table = with.output.split(separator: "\n", omittingEmptySubsequences: false)
                    .drop { !$0.hasPrefix("# over the steps") }.prefix { !$0.isEmpty }
                #expect(table.count == 2 + 5)
                let refused = try await sandbox.epsim("run", "tiny.yaml", "--over-steps", "--json")
                #expect(refused.code == 2 || refused.code == 64)
                #expect(refused.errors.contains("--over-steps is about the table, which --json leaves out"))
            }
        }

        /// Nothing can be tidied up by a process that is killed.
        @Test func aKilledCoordinatorLeavesWhatItMeasured() async throws {
            try await Sandbox.use { sandbox in
                let (process, out) = try await sandbox.startLongRun()
                process.send(signal: SIGKILL)
                _ = try await process.finish(within: 20)
                let names = try FileManager.default.contentsOfDirectory(atPath: out)
                let folder = "\(out)/\(names.first ?? "")"
                for (name, rows) in [("samples.csv", 2 * 13), ("experts.csv", 2 * 8)] {
                    let text = try String(contentsOfFile: "\(folder)/\(name).partial", encoding: .utf8)
                    #expect(text.split(separator: "\n").count > rows)
                    #expect(!FileManager.default.fileExists(atPath: "\(folder)/\(name)"))
                }
            }
        }
    }
}
