import TestSupport
import Testing

extension RealProcesses {
    /// Real routing of DeepSeek-V2-Lite through real processes. The figure was computed from the file with NumPy.
    @Suite(.enabled(if: SharedData.hasTraces, "set EPSIM_TRACES to the folder with deepseek-v2-lite.*.safetensors"))
    struct RealTraceTests {
        @Test func imbalanceIsThatOfTheFile() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write(
                    "intent.yaml",
                    """
                    model: {layers: 26, hidden: 32, experts: 64, expert_ffn: 32}
                    router: {top_k: 6}
                    workload: {kind: trace, path: \(SharedData.trace("intent")), tokens: 8222}
                    cluster: {workers: 8, placement: contiguous}
                    run: {steps: 1, warmup: 0}

                    """
                )
                let run = try await sandbox.run([], config: "intent.yaml", seconds: 60)
                #expect(run.result.code == 0, "\(run.result.errors)")
                let imbalance = try #require(run.report.number("load.rank.imbalance.mean"))
                #expect(abs(imbalance - 1.4407624322486885) < 1e-9)
                #expect(run.report.elements("ranks").count == 26 * 8)
                let copies = try run.table("experts.csv").reduce(0) { $0 + (Int($1["copies"] ?? "") ?? 0) }
                #expect(copies == 26 * 8222 * 6)
            }
        }
    }
}
