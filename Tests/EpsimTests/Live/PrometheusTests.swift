import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// What `docker/monitoring` ships, against a Prometheus that scrapes a run.
    @Suite(.enabled(if: Program.find("prometheus") != nil && Program.find("promtool") != nil))
    struct PrometheusTests {
        /// A run of some seconds: 100 steps, in each of whose two layers rank 1 takes 40 ms.
        private static let slow = [
            "--steps", "100", "--serve-seconds", "600", "--set", "cluster.delay_phase=compute", "--set",
            "cluster.delay_rank=1", "--set", "cluster.delay_milliseconds=40",
        ]

        @Test func theShippedConfigIsSound() throws {
            let path = Monitoring.folder + "/prometheus.yml"
            let result = try Program.run("promtool", ["check", "config", path], input: "")
            #expect(result.code == 0, "\(result.output)")
        }

        @Test func panelsAskTheProvisionedSource() throws {
            let path = Monitoring.folder + "/grafana/provisioning/datasources/prometheus.yaml"
            let source = try String(contentsOfFile: path, encoding: .utf8)
            for panel in try Monitoring.panels() {
                #expect(!panel.sources.isEmpty, "\(panel.title)")
                for uid in panel.sources { #expect(source.contains("uid: \(uid)\n"), "\(panel.title)") }
            }
        }

        @Test func everyPanelHasData() async throws {
            try await Sandbox.use { sandbox in
                let port = try Loopback.freePort()
                let prometheus = try Prometheus(sandbox, target: "127.0.0.1:\(port)")
                // It looks for what is not there yet: from now on it will notice within a second.
                #expect(try await holds(within: 30) { try prometheus.values("up").first == 0 })
                let served = try await sandbox.serve(Self.slow + ["--port", "\(port)"])
                try await served.wait(for: "completed", within: 60)
                let metrics = try served.metrics()
                // The last scrape is one after the end.
                #expect(
                    try await holds(within: 20) {
                        try prometheus.values("epsim_run_stage{stage=\"completed\"}").first == 1
                    }
                )
                let panels = try Monitoring.panels()
                #expect(panels.count >= 10)
                for panel in panels {
                    #expect(!panel.expressions.isEmpty, "\(panel.title)")
                    for expression in panel.expressions {
                        let finite = try prometheus.history(expression).filter { $0.isFinite }
                        #expect(!finite.isEmpty, "\(panel.title): \(expression)")
                    }
                }
                try Self.expectSame(prometheus, metrics)
                served.process.send(signal: SIGINT)
                let run = try RunRecord(try await served.process.finish(within: 10), out: served.out)
                let name = "epsim_rank_imbalance_over_steps_ratio"
                let mean = try prometheus.values("sum(\(name)_sum) / sum(\(name)_count)").first ?? .nan
                #expect(abs(mean - (run.report.number("load.rank.imbalance.mean") ?? 0)) < 1e-9)
                try await prometheus.stop()
            }
        }

        /// What Prometheus has scraped is what is exposed.
        private static func expectSame(_ prometheus: Prometheus, _ metrics: Exposition) throws {
            for name in ["epsim_steps_total", "epsim_dispatch_bytes_total", "epsim_combine_seconds_sum"] {
                let values = try prometheus.values("sum(\(name))")
                #expect(abs((values.first ?? .nan) - metrics.sum(name)) < 1e-9, "\(name)")
            }
            #expect(try prometheus.values("up").first == 1)
        }

        @Test func scrapesWithAToken() async throws {
            try await Sandbox.use { sandbox in
                let token = try sandbox.write("token", "abcdefghijklmnop\n")
                let served = try await sandbox.serve(["--serve-token-file", "token", "--steps", "100000"])
                let prometheus = try Prometheus(sandbox, target: "127.0.0.1:\(served.port)", tokenFile: token)
                #expect(try await holds(within: 20) { try prometheus.values("up").first == 1 })
                #expect(try await holds(within: 10) { try prometheus.values("epsim_run_steps").first == 100_000 })
                served.process.send(signal: SIGINT)
                _ = try await served.process.finish(within: 10)
                try await prometheus.stop()
            }
        }
    }
}
