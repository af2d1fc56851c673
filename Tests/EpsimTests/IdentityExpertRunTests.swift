import TestSupport
import Testing

extension RealProcesses {
    /// Experts that return their input, beside experts with weights.
    @Suite struct IdentityExpertRunTests {
        private static let model = """
            model: {layers: 2, hidden: 64, experts: 8, identity_experts: 4, expert_ffn: 32}
            router: {kind: longcat-flash, top_k: 3, scale: 2}
            workload: {kind: synthetic, tokens: 96, distribution: log-normal, sigma: 0.5}
            run: {steps: 5, warmup: 1}

            """

        @Test func outputsHaveTheSameBitsOnAnyNumberOfWorkers() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("identity.yaml", Self.model)
                var hashes: [String?] = []
                let changes = [
                    ["--workers", "1", "--verify"], ["--workers", "2", "--set", "run.overlap=two-batch"],
                    ["--workers", "4", "--set", "cluster.placement=round-robin", "--set", "cluster.chunk_tokens=7"],
                ]
                for change in changes {
                    let run = try await sandbox.run(change, config: "identity.yaml", seconds: 60)
                    #expect(run.isSound, "\(run.result.errors)")
                    hashes.append(run.hash)
                    try expectCountedApart(run)
                }
                #expect(hashes[0] != nil && Set(hashes).count == 1)
            }
        }

        /// By the table of experts: no rank has copies of the last four, nor are they in the traffic.
        private func expectCountedApart(_ run: RunRecord) throws {
            let rows = try run.table("experts.csv")
            func copies(_ rows: [[String: String]]) -> Double {
                rows.reduce(0) { $0 + (Double($1["copies"] ?? "") ?? .nan) }
            }
            let (identity, placed) = (
                rows.filter { Int($0["expert"] ?? "").map { $0 >= 8 } ?? false },
                rows.filter { Int($0["expert"] ?? "").map { $0 < 8 } ?? false }
            )
            #expect(identity.count == 5 * 2 * 4 && identity.allSatisfy { $0["rank"] == "" })
            #expect(placed.count == 5 * 2 * 8 && placed.allSatisfy { $0["rank"] != "" })
            let asked = Double(5 * 2 * 96 * 3)
            #expect(copies(rows) == asked && copies(identity) > 0)
            let fraction = try #require(run.report.number("load.identity.fraction"))
            #expect(abs(fraction - copies(identity) / asked) < 1e-12)
            let computed = try #require(run.report.number("load.identity.computed_per_token"))
            #expect(abs(computed - copies(placed) / Double(5 * 2 * 96)) < 1e-12)
            let ofRanks = run.report.elements("rank_totals").reduce(0) { $0 + ($1.number("copies") ?? .nan) }
            #expect(abs(ofRanks * 5 - copies(placed)) < 1e-6)
            let traffic = try #require(run.report["communication.traffic.naive_bytes"]?.rows)
            let bytes = traffic.joined().reduce(0, +)
            // A row of 64 singles each way for each copy.
            #expect(abs(bytes * 5 - copies(placed) * 2 * 64 * 4) < 1)
        }

        /// The smallest of the models, predicted and run, with all that the tour shows.
        @Test func longCatFlashRunsAndIsPredicted() async throws {
            try await Sandbox.use { sandbox in
                let shown = try await sandbox.epsim("systems", "longcat-flash")
                #expect(shown.code == 0 && !shown.output.contains("missing"), "\(shown.errors)")
                let predicted = try await sandbox.epsim(
                    "predict",
                    "--system",
                    "longcat-flash",
                    "--set",
                    "model.layers=1",
                    "--out",
                    sandbox.freshOut(),
                    seconds: 60
                )
                #expect(predicted.code == 0, "\(predicted.errors)")
                #expect(predicted.output.contains("512 experts and 256 identity experts"))
                #expect(predicted.output.contains("stay with their tokens"))
                let toured = try await sandbox.epsim(
                    "tour",
                    "longcat-flash",
                    "--out",
                    "\(sandbox.work)/runs/tour",
                    seconds: 60
                )
                #expect(toured.code == 0, "\(toured.errors)")
                #expect(toured.output.contains("\nlongcat-flash "), "\(toured.output)")
            }
        }
    }
}
