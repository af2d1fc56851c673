import TestSupport
import Testing

extension RealProcesses {
    /// A delay that is put into one phase of one rank shows there and nowhere else.
    @Suite struct TimeTests {
        private static let delay = 0.06
        private static let phases = ["dispatch", "queue", "compute", "combine"]

        /// Seconds of a phase in each step of a (layer, rank), from `samples.csv`.
        private func seconds(_ run: RunRecord, _ phase: String, layer: Int, rank: Int) throws -> [Double] {
            try run.table("samples.csv")
                .filter { $0["phase"] == phase && $0["layer"] == "\(layer)" && $0["rank"] == "\(rank)" }
                .compactMap { $0["microseconds"].flatMap(Double.init).map { $0 * 1e-6 } }
        }

        @Test(arguments: TimeTests.phases)
        func delayShowsWhereItIs(phase: String) async throws {
            try await Sandbox.use { sandbox in
                let run = try await sandbox.run(
                    "--workers",
                    "3",
                    "--set",
                    "cluster.delay_phase=\(phase)",
                    "--set",
                    "cluster.delay_rank=1",
                    "--set",
                    "cluster.delay_milliseconds=\(Self.delay * 1000)",
                    "--set",
                    "run.warmup=0"
                )
                #expect(run.isSound, "\(run.report.strings("reasons"))")
                let worst = try #require(run.report.number("time.residual.worst_seconds"))
                #expect(worst < Self.delay / 10)
                let rows = run.report.elements("ranks")
                #expect(rows.count == 6)
                for row in rows {
                    let layer = Int(row.number("layer") ?? -1)
                    if row.number("rank") == 1 {
                        try checkDelayed(run, row, phase, layer)
                    } else {
                        try checkOther(run, layer, rank: Int(row.number("rank") ?? -1))
                    }
                }
            }
        }

        private func checkDelayed(_ run: RunRecord, _ row: JSON, _ phase: String, _ layer: Int) throws {
            // A sleep is never shorter than asked for.
            #expect((row.number("seconds.\(phase)") ?? 0) >= 0.9 * Self.delay)
            for other in Self.phases + ["wait"] where other != phase {
                // The machine may be busy: the quietest step counts.
                let least = try #require(try seconds(run, other, layer: layer, rank: 1).min())
                #expect(least < 0.25 * Self.delay, "\(other), layer \(layer)")
            }
        }

        private func checkOther(_ run: RunRecord, _ layer: Int, rank: Int) throws {
            let waits = try seconds(run, "wait", layer: layer, rank: rank)
            #expect(waits.count == 5)
            #expect((waits.max() ?? 0) >= 0.75 * Self.delay, "rank \(rank), layer \(layer)")
        }

        @Test func phasesOfEveryRankAddUpToTheLayer() async throws {
            try await Sandbox.use { sandbox in
                let run = try await sandbox.run("--workers", "4")
                let rows = try run.table("samples.csv")
                var sums: [String: [String: Double]] = [:]
                for row in rows {
                    let place = "\(row["step"] ?? "")/\(row["layer"] ?? "")"
                    sums[place, default: [:]][row["rank"] ?? "", default: 0] += Double(row["microseconds"] ?? "") ?? -1
                }
                #expect(sums.count == 10)
                for (place, ranks) in sums {
                    let phases = (0..<4).compactMap { ranks["\($0)"] }
                    // Three decimals of a microsecond, five phases.
                    #expect((phases.max() ?? 0) - (phases.min() ?? 1e9) < 0.006, "\(place)")
                }
                let total = sums.values.reduce(0) { $0 + ($1["0"] ?? 0) + ($1["-1"] ?? 0) } * 1e-6
                let steps = try #require(run.report.number("time.step_seconds.mean")) * 5
                let worst = try #require(run.report.number("time.residual.worst_seconds"))
                #expect(abs(total - steps) <= 5 * worst + 1e-6)
            }
        }
    }
}
