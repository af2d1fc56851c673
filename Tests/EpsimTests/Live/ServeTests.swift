import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// `epsim run --serve`.
    @Suite struct ServeTests {
        @Test func metricsAfterTheLastStepAreThoseOfTheReport() async throws {
            try await Sandbox.use { sandbox in
                let drops = ["--set", "router.drop=position", "--set", "router.capacity_factor=1"]
                let served = try await sandbox.serve(["--serve-seconds", "600"] + drops)
                try await served.wait(for: "completed")
                let metrics = try served.metrics()
                served.process.send(signal: SIGINT)
                let run = try RunRecord(try await served.process.finish(within: 5), out: served.out)
                #expect(run.result.code == 0)
                try Self.expectAgreement(metrics, run.report)
                // The phases of the samples, in µs with three decimals.
                let samples = try run.table("samples.csv")
                for rank in 0..<2 {
                    let rows = samples.filter { $0["rank"] == "\(rank)" && $0["phase"] == "dispatch" }
                    let seconds = rows.reduce(0) { $0 + (Double($1["microseconds"] ?? "") ?? .nan) } * 1e-6
                    let sum = metrics.sum("epsim_dispatch_seconds_sum", ["rank": "\(rank)"])
                    #expect(abs(sum - seconds) < 1e-9 * Double(rows.count))
                }
            }
        }

        private static func expectAgreement(_ metrics: Exposition, _ report: JSON) throws {
            let steps = try #require(report.number("steps"))
            #expect(metrics.sum("epsim_steps_total") == steps && steps == 5)
            #expect(metrics.sum("epsim_workers_ready") == report.number("workers"))
            func expect(_ value: Double, _ path: String) {
                guard let expected = report.number(path) else {
                    Issue.record("\(path) is missing")
                    return
                }
                #expect(abs(value - expected) <= 1e-9 * max(1, abs(expected)), "\(path): \(value) \(expected)")
            }
            func mean(_ name: String) -> Double { metrics.sum(name + "_sum") / metrics.sum(name + "_count") }
            expect(mean("epsim_rank_imbalance_over_steps_ratio"), "load.rank.imbalance.mean")
            expect(mean("epsim_expert_imbalance_over_steps_ratio"), "load.expert.imbalance.mean")
            expect(mean("epsim_step_seconds"), "time.step_seconds.mean")
            expect(metrics.sum("epsim_copies_dropped_total"), "load.dropped.copies")
            expect(metrics.sum("epsim_tokens_without_expert_total"), "load.dropped.tokens")
            #expect(metrics.sum("epsim_copies_dropped_total") > 0)
            expect(
                metrics.sum("epsim_copies_dropped_total") / metrics.sum("epsim_copies_asked_total"),
                "load.dropped.fraction"
            )
            expect(metrics.sum("epsim_dispatch_bytes_total"), "communication.bytes.dispatch")
            expect(metrics.sum("epsim_combine_bytes_total"), "communication.bytes.combine")
            expect(metrics.sum("epsim_communication_seconds_total") / steps, "communication.total_seconds")
            expect(metrics.sum("epsim_exposed_communication_seconds_total") / steps, "communication.exposed_seconds")
        }

        @Test func aPersonCanLookWhileItRuns() async throws {
            try await Sandbox.use { sandbox in
                let served = try await sandbox.serve(["--steps", "100000"])
                #expect(served.url.absoluteString == "http://127.0.0.1:\(served.port)/")
                try await served.wait(for: "measuring")
                let first = try served.metrics().sum("epsim_steps_total")
                #expect(try await holds(within: 10) { try served.metrics().sum("epsim_steps_total") > first })
                let charts = try RawClient.request("/charts", port: served.port)
                #expect(charts.body.contains("of 100000"))
                served.process.send(signal: SIGINT)
                let run = try RunRecord(try await served.process.finish(within: 10), out: served.out)
                #expect(run.status == "interrupted" && run.result.code == 130)
            }
        }

        @Test(.enabled(if: Browser.executable != nil, "no chromium on PATH"))
        func aBrowserShowsTheChartsOfTheReport() async throws {
            try await Sandbox.use { sandbox in
                let served = try await sandbox.serve(["--serve-seconds", "600"])
                try await served.wait(for: "completed")
                let address = served.url.absoluteString
                let (looks, news) = try await Browser.use { browser in
                    let looks = try PageLook.widths.map { width in
                        try PageLook(address: address, charts: 8, in: browser, width: width, isDark: width < 600)
                    }
                    let page = try browser.page(width: 1280)
                    try page.open(address)
                    // What is unfolded stays so when the page renews itself.
                    try page.wait(until: "document.querySelector('#rank-load details') !== null")
                    _ = try page.evaluate("document.querySelector('#rank-load details').open = true")
                    Thread.sleep(forTimeInterval: 2.5)
                    try page.wait(until: "document.querySelector('#rank-load details').open")
                    return (looks, try page.evaluate("document.getElementById('news').textContent") as? String)
                }
                #expect(looks.map(\.troubles) == [[], []])
                #expect(looks.allSatisfy { $0.charts.contains("Time of a step per rank") })
                #expect(news == "The run has ended.")
                served.process.send(signal: SIGINT)
                #expect(try await served.process.finish().code == 0)
                let run = try RunRecord(try await served.process.finish(), out: served.out)
                for (path, value) in looks.flatMap(\.figures) { #expect(run.report.number(path) == value, "\(path)") }
            }
        }

        @Test func aRunEndsWhenItEndsUnlessItIsToldToStay() async throws {
            try await Sandbox.use { sandbox in
                let served = try await sandbox.serve(["--quiet"])
                let result = try await served.process.finish()
                #expect(result.code == 0 && result.messages == ["live view: \(served.url)"])
                #expect((try? RawClient(port: served.port)) == nil)
                let stays = try await sandbox.serve(["--serve-seconds", "1"])
                try await stays.wait(for: "completed")
                let ended = ContinuousClock.now
                let last = try await stays.process.finish(within: 10)
                #expect(ContinuousClock.now - ended > .milliseconds(300) && last.code == 0)
                #expect(last.messages.contains("the run has ended; still served for 1.0 s, Ctrl-C ends that"))
            }
        }

        @Test func othersNeedTheToken() async throws {
            try await Sandbox.use { sandbox in
                let served = try await sandbox.serve(["--serve-host", "0.0.0.0", "--steps", "100000"])
                let secret = try #require(served.url.query?.split(separator: "=").last.map(String.init))
                #expect(secret.count == 32)
                let named = ["Host: \(try #require(served.url.host))"]
                #expect(try RawClient.request("/metrics", port: served.port, headers: named).status == 401)
                let bearer = named + ["Authorization: Bearer \(secret)"]
                #expect(try RawClient.request("/metrics", port: served.port, headers: bearer).status == 200)
                #expect(try RawClient.request("/?token=\(secret)", port: served.port, headers: named).status == 200)
                served.process.send(signal: SIGINT)
                let result = try await served.process.finish()
                // The one address that is printed has it, and nothing else.
                #expect(result.errors.components(separatedBy: secret).count == 2)
                let run = try RunRecord(result, out: served.out)
                for name in ["report.json", "config.yaml"] {
                    #expect(try !String(contentsOfFile: "\(run.folder)/\(name)", encoding: .utf8).contains(secret))
                }
            }
        }

        @Test func aTokenOfAFileIsNotShown() async throws {
            try await Sandbox.use { sandbox in
                let secret = "abcdefghijklmnop.1"
                try sandbox.write("token", secret + "\n")
                let served = try await sandbox.serve(["--serve-token-file", "token", "--steps", "100000"])
                #expect(try RawClient.request("/metrics", port: served.port).status == 401)
                let bearer = ["Host: 127.0.0.1", "Authorization: Bearer \(secret)"]
                #expect(try served.metrics(bearer).sum("epsim_run_steps") == 100_000)
                served.process.send(signal: SIGINT)
                #expect(try await !served.process.finish().errors.contains(secret))
            }
        }

        @Test func aPortThatIsTakenEndsTheRunBeforeItBegins() async throws {
            try await Sandbox.use { sandbox in
                let served = try await sandbox.serve(["--steps", "100000"])
                let out = sandbox.freshOut()
                let second = try await sandbox.epsim(
                    "run",
                    "tiny.yaml",
                    "--out",
                    out,
                    "--serve",
                    "--port",
                    "\(served.port)"
                )
                #expect(second.code == 78)
                let place = "127.0.0.1 port \(served.port)"
                #expect(
                    second.errors
                        == "epsim: \(place) is taken: choose another with --port, or --port 0 for any that is free\n"
                )
                #expect(!FileManager.default.fileExists(atPath: out))
                served.process.send(signal: SIGINT)
                _ = try await served.process.finish()
            }
        }

        @Test(arguments: [
            (["--port", "80"], "--port needs --serve"),
            (["--serve-host", "::"], "--serve-host needs --serve"),
            (["--serve-seconds", "3"], "--serve-seconds needs --serve"),
            (["--serve-token-file", "t"], "--serve-token-file needs --serve"),
            (["--serve", "--port", "65536"], "--port: found 65536, allowed: 0 to 65535"),
            (["--serve", "--serve-host", "example.org"], "--serve-host: found 'example.org', allowed: an IPv4"),
            (["--serve", "--serve-seconds", "700000"], "--serve-seconds 700000.0: 0 to 604800 are allowed"),
        ])
        func wrongUsageIsSaid(arguments: [String], words: String) async throws {
            try await Sandbox.use { sandbox in
                let process = try sandbox.start(["run", "tiny.yaml"] + arguments)
                let result = try await process.finish()
                #expect(result.code == 64 && result.errors.contains("Error: \(words)"), "\(result.errors)")
            }
        }

        @Test func aTokenFileThatIsNoneIsSaid() async throws {
            try await Sandbox.use { sandbox in
                let result = try await sandbox.epsim("run", "tiny.yaml", "--serve", "--serve-token-file", "nowhere")
                #expect(result.code == 78)
                #expect(result.errors.hasPrefix("epsim: --serve-token-file: nowhere cannot be read"))
            }
        }

        @Test func aCoordinatorIsServedToo() async throws {
            try await Sandbox.use { sandbox in
                let name = "ipc://@et-\(UInt32.random(in: 0...UInt32.max))"
                let served = try await sandbox.serve([], command: ["coordinator", "tiny.yaml", "--bind", name])
                try await served.wait(for: "waiting")
                #expect(try served.metrics().sum("epsim_workers_ready") == 0)
                served.process.send(signal: SIGTERM)
                #expect(try await served.process.finish(within: 10).code == 130)
            }
        }

        @Test func theTerminalShowsABlock() async throws {
            try await Sandbox.use { sandbox in
                let served = try await sandbox.serve(["--steps", "100000"], isOnTerminal: true)
                let shown = { served.process.shown }
                #expect(try await holds(within: 20) { shown().contains("of 100000") && shown().contains("rank 1 ") })
                served.process.send(signal: SIGINT)
                let result = try await served.process.finish()
                // Drawn in its place, at most ten times a second, and taken away at the end; the cursor stays visible.
                #expect(result.errors.contains("\u{1B}[K\r\n") && !result.errors.contains("\u{1B}[?25l"))
                let frames = result.errors.components(separatedBy: "\u{1B}[J").count - 1
                #expect(frames >= 2)
                let end = result.errors.components(separatedBy: "\u{1B}[J").last ?? ""
                #expect(!end.contains("rank 1"))
            }
        }
    }
}
