import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// `report.html` as the program leaves it.
    @Suite struct RunPageTests {
        private static let charts = [
            "Routed copies per rank", "Load of every expert in every layer", "Time of a step per rank",
            "Traffic between ranks", "Imbalance over the steps", "Throughput over the steps", "Experts sorted by load",
            "Cumulative share of the load",
        ]

        private func look(at folder: String, _ body: (PageLook) throws -> Void) async throws {
            let looks = try await Browser.use { browser in
                try PageLook.widths.flatMap { width in
                    try [false, true].map { isDark in
                        try PageLook("\(folder)/report.html", in: browser, width: width, isDark: isDark)
                    }
                }
            }
            #expect(looks.map(\.troubles) == [[], [], [], []], "each width light, then dark")
            for look in looks { try body(look) }
        }

        @Test(.enabled(if: Browser.executable != nil, "no chromium on PATH"))
        func thePageOfALiveRunIsDrawnAndSaysWhatTheReportSays() async throws {
            try await Sandbox.use { sandbox in
                let run = try await sandbox.run(["--workers", "8"])
                #expect(run.result.code == 0, "\(run.result.errors)")
                try await look(at: run.folder) { look in
                    for chart in Self.charts { #expect(look.charts.contains(chart)) }
                    #expect(look.charts.contains { $0.hasPrefix("A step of about the median time") })
                    #expect(look.figures.count == 8)
                    for (path, value) in look.figures { #expect(run.report.number(path) == value, "\(path)") }
                }
            }
        }

        @Test(.enabled(if: Browser.executable != nil, "no chromium on PATH"))
        func thePageOfAPredictionIsDrawn() async throws {
            try await Sandbox.use { sandbox in
                let out = sandbox.freshOut()
                let profiles = ["EPSIM_HARDWARE": Sandbox.profiles]
                let arguments = ["predict", "tiny.yaml", "--quiet", "--ranks", "4", "--out", out]
                let result = try await sandbox.start(arguments, environment: profiles).finish()
                let run = try RunRecord(result, out: out)
                try await look(at: run.folder) { look in
                    #expect(look.charts.contains("Time of a step per rank"))
                    #expect(look.charts.contains { $0.hasPrefix("A step of about the median time") })
                    for (path, value) in look.figures { #expect(run.report.number(path) == value, "\(path)") }
                }
            }
        }

        /// A run that nobody joined.
        private func runWithoutSteps(_ sandbox: Sandbox) async throws -> RunRecord {
            let out = sandbox.freshOut()
            let arguments = [
                "tiny.yaml", "--bind", "ipc://@et-\(UInt32.random(in: 0...UInt32.max))", "--set",
                "cluster.start_seconds=1",
            ]
            let process = try sandbox.start(["coordinator"] + arguments + ["--quiet", "--out", out])
            return try RunRecord(try await process.finish(), out: out)
        }

        @Test func aRunWithoutStepsStillHasAPage() async throws {
            try await Sandbox.use { sandbox in
                let run = try await runWithoutSteps(sandbox)
                #expect(run.status == "failed")
                let html = try String(contentsOfFile: "\(run.folder)/report.html", encoding: .utf8)
                #expect(html.contains("FAILED"))
                #expect(html.contains("No step was measured"))
            }
        }

        @Test(.enabled(if: Browser.executable != nil, "no chromium on PATH"))
        func aPageWithoutStepsHasNoCharts() async throws {
            try await Sandbox.use { sandbox in
                let run = try await runWithoutSteps(sandbox)
                try await look(at: run.folder) { #expect($0.charts == []) }
            }
        }
    }
}

extension RealProcesses {
    /// `report.html` of a sweep, in a browser.
    @Suite struct SweepPageTests {
        private static let sweep = """
            config: tiny.yaml
            set: {router.kind: switch}
            ideal: strong
            scale: cluster.workers
            repeats: 2
            grid:
              cluster.workers: [1, 2]
              router.capacity_factor: [0.5, 1]

            """

        private static let charts = [
            "Step against cluster.workers", "Efficiency against cluster.workers", "Throughput per rank against latency",
            "Communication share against cluster.workers", "Imbalance against cluster.workers",
            "Dropped copies against router.capacity_factor", "Tokens without expert against router.capacity_factor",
            "Runs of the sweep",
        ]

        /// Chooses panels, and says the title and the number of marks of each.
        private static let choosePanels = """
            (() => { const list = document.querySelector('#explorer [name=panel]');
            list.value = 'router.capacity_factor'; list.dispatchEvent(new Event('change'));
            return [...document.querySelectorAll('#explorer .plot')].map(plot =>
            plot.querySelector('.ytitle').textContent + ' ' + plot.querySelectorAll('.glyph').length).join(); })()
            """

        @Test(.enabled(if: Browser.executable != nil, "no chromium on PATH"))
        func thePageIsDrawnAndItsExplorerFollowsTheReader() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("s.yaml", Self.sweep)
                sandbox.expect("out")
                let result = try await sandbox.epsim("sweep", "s.yaml", "--out", "out", "--quiet")
                #expect(result.code == 0, "\(result.errors)")
                let file = "\(sandbox.work)/out/report.html"
                let looks = try await Browser.use { browser in
                    try PageLook.widths.map { try PageLook(file, in: browser, width: $0, isDark: $0 < 600) }
                }
                for look in looks {
                    #expect(look.troubles == [])
                    #expect(look.charts == Self.charts)
                }
                let (marks, panels, errors) = try await Browser.use { browser in
                    let page = try browser.page(width: 1280)
                    try page.open(URL(fileURLWithPath: file).absoluteString)
                    let marks = try page.evaluate("document.querySelectorAll('#explorer .glyph').length") as? Int
                    return (marks, try page.evaluate(Self.choosePanels) as? String, page.errors)
                }
                #expect(marks == 8)
                #expect(
                    panels
                        == "tokens_per_second_per_rank, router.capacity_factor 0.5 4,tokens_per_second_per_rank, router.capacity_factor 1 4"
                )
                #expect(errors == [])
            }
        }
    }
}
