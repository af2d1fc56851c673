import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// One run, and what every one of its views says of it.
    @Suite struct FiguresAgreeTests {
        private static let phases = ["dispatch", "queue", "compute", "combine", "wait"]

        @Test func everyViewSaysWhatTheReportSays() async throws {
            try await Sandbox.use { sandbox in
                let drops = ["--set", "router.drop=position", "--set", "router.capacity_factor=1"]
                let served = try await sandbox.serve(["--serve-seconds", "600", "--workers", "4"] + drops)
                try await served.wait(for: "completed")
                let metrics = try served.metrics()
                served.process.send(signal: SIGINT)
                let run = try RunRecord(try await served.process.finish(within: 10), out: served.out)
                #expect(run.result.code == 0)
                try await expectPage(run)
                try await expectIndex(run, sandbox, out: served.out)
                try expectLoads(run, metrics)
                try expectTimes(run, metrics)
                try expectBytes(run, metrics)
            }
        }

        private func expect(_ value: Double, _ expected: Double?, within error: Double, _ what: String) {
            guard let expected else {
                Issue.record("\(what) is missing")
                return
            }
            #expect(abs(value - expected) <= error, "\(what): \(value), the report has \(expected)")
        }

        /// The cards of the page; where there is a browser, it shows them so.
        private func expectPage(_ run: RunRecord) async throws {
            let file = "\(run.folder)/report.html"
            let html = try String(contentsOfFile: file, encoding: .utf8)
            let cards = html.matches(of: /data-figure="([^"]+)" data-value="([^"]+)"/)
            #expect(cards.count == 8)
            for card in cards { #expect(run.report.number(String(card.1)) == Double(card.2), "\(card.1)") }
            guard Browser.executable != nil else { return }
            let look = try await Browser.use { try PageLook(file, in: $0, width: 1280, isDark: false) }
            #expect(look.troubles == [] && look.figures.count == 8)
            for (path, value) in look.figures { #expect(run.report.number(path) == value, "\(path)") }
        }

        private func expectIndex(_ run: RunRecord, _ sandbox: Sandbox, out: String) async throws {
            let query = "SELECT * FROM runs"
            let result = try await sandbox.epsim("runs", "query", "--sql", query, "--json", "--out", out)
            #expect(result.code == 0, "\(result.errors)")
            let row = try #require(try JSON(parsing: "{\"rows\": \(result.output)}").elements("rows").first)
            for path in [
                "load.rank.imbalance.mean", "load.rank.balancedness.mean", "load.expert.maxvio.mean",
                "load.dropped.fraction", "tokens_per_second.p50", "time.step_seconds.p50",
                "communication.total_share", "communication.exposed_share",
            ] {
                let column = path.replacing(".", with: "_")
                #expect(row.number(column) != nil && row.number(column) == run.report.number(path), "\(path)")
            }
        }

        /// From the copies of every expert, as `experts.csv` has them.
        private func expectLoads(_ run: RunRecord, _ metrics: Exposition) throws {
            let experts = try run.table("experts.csv")
            let layers = Dictionary(grouping: experts) { "\($0["step"] ?? "") \($0["layer"] ?? "")" }
            let imbalances = layers.values.map { rows in
                let ranks = Dictionary(grouping: rows) { $0["rank"] ?? "" }.values.map { rows in
                    rows.reduce(0) { $0 + (Double($1["copies"] ?? "") ?? .nan) }
                }
                return (ranks.max() ?? 0) / (ranks.reduce(0, +) / 4)
            }
            let mean = imbalances.reduce(0, +) / Double(imbalances.count)
            expect(mean, run.report.number("load.rank.imbalance.mean"), within: 1e-9, "imbalance, experts.csv")
            let name = "epsim_rank_imbalance_over_steps_ratio"
            let scraped = metrics.sum(name + "_sum") / metrics.sum(name + "_count")
            expect(scraped, run.report.number("load.rank.imbalance.mean"), within: 1e-9, "imbalance, metrics")
            let copies = experts.reduce(0) { $0 + (Double($1["copies"] ?? "") ?? .nan) }
            #expect(metrics.sum("epsim_rank_copies_total") == copies)
        }

        /// Seconds of every rank in every phase: `samples.csv` in µs with three decimals, the timeline in ns.
        private func expectTimes(_ run: RunRecord, _ metrics: Exposition) throws {
            let samples = try run.table("samples.csv")
            let timeline = try TimelineFile(path: "\(run.folder)/trace.json.gz")
            let steps = try #require(run.report.number("steps"))
            for row in run.report.elements("rank_totals") {
                let rank = row["rank"]?.int ?? -1
                for phase in Self.phases {
                    let seconds = try #require(row.number("seconds.\(phase)")) * steps
                    let rows = samples.filter { $0["rank"] == "\(rank)" && $0["phase"] == phase }
                    let sum = rows.reduce(0) { $0 + (Double($1["microseconds"] ?? "") ?? .nan) } * 1e-6
                    expect(sum, seconds, within: 1e-9 * Double(rows.count), "\(phase) of \(rank), samples.csv")
                    let slices = Double(timeline.phases(of: "rank \(rank)")[phase, default: 0]) * 1e-9
                    expect(slices, seconds, within: 1e-9 * steps, "\(phase) of \(rank), timeline")
                    let labels = ["rank": "\(rank)", "phase": phase]
                    let scraped = metrics.sum("epsim_rank_phase_seconds_total", labels)
                    expect(scraped, seconds, within: 1e-9, "\(phase) of \(rank), metrics")
                }
            }
        }

        private func expectBytes(_ run: RunRecord, _ metrics: Exposition) throws {
            let samples = try run.table("samples.csv")
            let timeline = try TimelineFile(path: "\(run.folder)/trace.json.gz")
            for (phase, thread) in [("dispatch", "send"), ("combine", "receive")] {
                let bytes = run.report["communication.bytes.\(phase)"]?.int ?? -1
                let rows = samples.filter { $0["phase"] == phase }
                #expect(rows.reduce(0) { $0 + (Int($1["bytes"] ?? "") ?? -1) } == bytes)
                #expect(metrics.sum("epsim_\(phase)_bytes_total") == Double(bytes))
                let slices = timeline.slices.filter { $0.thread.name.hasPrefix(thread) }
                #expect(slices.reduce(0) { $0 + ($1.arguments["bytes"] ?? 0) } == bytes)
            }
        }
    }
}
