import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// `epsim compare` of real runs and sweeps.
    @Suite struct CompareTests {
        private static func ids(_ sandbox: Sandbox) async throws -> [String] {
            let ids = try await sandbox.epsim(
                "runs",
                "query",
                "--csv",
                "--sql",
                "SELECT id FROM runs ORDER BY workers, seed"
            )
            return ids.output.split(separator: "\n").dropFirst().map(String.init)
        }

        @Test func runsAreCompared() async throws {
            try await Sandbox.use { sandbox in
                for arguments in [["--workers", "2"], ["--workers", "4"]] {
                    #expect(try await sandbox.start(["run", "tiny.yaml", "--quiet"] + arguments).finish().code == 0)
                }
                let ids = try await Self.ids(sandbox)
                let text = try await sandbox.epsim("compare", ids[0], "runs/\(ids[1])")
                #expect(text.code == 0 && text.errors == "", "\(text.errors)")
                let lines = text.output.split(separator: "\n").map(String.init)
                #expect(lines[0] == "# A  \(ids[0]): 1 run, measured clock")
                #expect(lines[2] == "# differs: cluster.workers: A 2, B 4" && !lines[3].hasPrefix("# differs"))
                #expect(text.output.contains("step, mean [ms]\n  A ") && text.output.contains("95 % interval"))
                let json = try JSON(parsing: await sandbox.epsim("compare", ids[0], ids[1], "--json").output)
                let rows = try #require(json.elements("points").first).elements("rows")
                for (side, id) in zip(["a", "b"], ids) {
                    let report = try JSON(
                        parsing: String(contentsOfFile: "\(sandbox.work)/runs/\(id)/report.json", encoding: .utf8)
                    )
                    for path in ["time.step_seconds.mean", "load.rank.imbalance.mean", "communication.total_seconds"] {
                        let mean = rows.first { $0.string("figure") == path }?.number("\(side).mean")
                        let expected = try #require(report.number(path))
                        #expect(abs((mean ?? .nan) / expected - 1) < 1e-12, "\(path)")
                    }
                }
                // The routing does not depend on how many workers there are.
                #expect(rows.first { $0.string("figure") == "load.expert.maxvio.mean" }?.string("verdict") == "same")
            }
        }

        /// Two runs and the page that compares them, `c.html`; returns their ids.
        private static func page(_ sandbox: Sandbox) async throws -> [String] {
            for workers in ["2", "4"] {
                let process = try sandbox.start(["run", "tiny.yaml", "--quiet", "--workers", workers])
                #expect(try await process.finish().code == 0)
            }
            let ids = try await ids(sandbox)
            sandbox.expect("c.html")
            #expect(try await sandbox.epsim("compare", ids[0], ids[1], "--html", "c.html").code == 0)
            return ids
        }

        @Test func thePageSaysWhatDiffers() async throws {
            try await Sandbox.use { sandbox in
                let ids = try await Self.page(sandbox)
                let html = try String(contentsOfFile: "\(sandbox.work)/c.html", encoding: .utf8)
                #expect(html.contains("Differs: cluster.workers: A 2, B 4"))
                let wrong = try await sandbox.epsim("compare", ids[0], ids[1], "--html", "c.txt")
                #expect(wrong.code == 64 && wrong.errors.contains("--html 'c.txt' must end in .html"))
            }
        }

        @Test(.enabled(if: Browser.executable != nil, "no chromium on PATH"))
        func thePageIsDrawn() async throws {
            try await Sandbox.use { sandbox in
                _ = try await Self.page(sandbox)
                let file = "\(sandbox.work)/c.html"
                let looks = try await Browser.use { browser in
                    try PageLook.widths.map { try PageLook(file, in: browser, width: $0, isDark: $0 < 600) }
                }
                for look in looks {
                    #expect(look.troubles == [])
                    #expect(look.charts == ["Main figures, A beside B", "Differences, B − A"])
                }
            }
        }

        @Test func aRunWithoutItsConfigurationIsAnError() async throws {
            try await Sandbox.use { sandbox in
                for workers in ["1", "2"] {
                    #expect(
                        try await sandbox.start(["run", "tiny.yaml", "--quiet", "--workers", workers]).finish().code
                            == 0
                    )
                }
                let ids = try await Self.ids(sandbox)
                try FileManager.default.removeItem(atPath: "\(sandbox.work)/runs/\(ids[1])/config.yaml")
                let result = try await sandbox.epsim("compare", ids[0], ids[1])
                #expect(result.code == 78 && result.output == "")
                #expect(
                    result.errors.hasPrefix("epsim: 'runs/\(ids[1])/config.yaml' cannot be read: "),
                    "\(result.errors)"
                )
            }
        }

        @Test func severalRunsAreRepeats() async throws {
            try await Sandbox.use { sandbox in
                for seed in 1...4 {
                    let process = try sandbox.start(["run", "tiny.yaml", "--quiet", "--seed", "\(seed)"])
                    #expect(try await process.finish().code == 0)
                }
                let ids = try await Self.ids(sandbox)
                let sides = [ids[0...1], ids[2...3]].map { $0.joined(separator: ",") }
                let json = try JSON(parsing: await sandbox.epsim("compare", sides[0], sides[1], "--json").output)
                #expect(json.string("repeats") == "runs" && json["config_differences"]?.array.count == 1)
                #expect(json.elements("points").first?.elements("rows").first?.number("a.repeats") == 2)
                #expect(!json.strings("warnings").contains { $0.contains("differ among themselves") })
                let mixed = try await sandbox.epsim("compare", "\(ids[0]),\(ids[0])", ids[1])
                #expect(mixed.code == 78 && mixed.errors.hasPrefix("epsim: run \(ids[0]) is in '"))
                for arguments in [
                    ["nothing", ids[0]], [ids[0]], ["a/b", ids[0]], [ids[0], ids[1], "--confidence", "2"],
                ] {
                    let result = try await sandbox.start(["compare"] + arguments).finish()
                    #expect([78, 64].contains(result.code) && result.output == "" && !result.errors.isEmpty)
                }
            }
        }

        /// What cannot be compared is an error in what was asked for, before anything is printed.
        @Test func whatIsNoReportIsNamed() async throws {
            try await Sandbox.use { sandbox in
                let profiles = ["EPSIM_HARDWARE": Sandbox.profiles]
                #expect(try await sandbox.epsim("run", "tiny.yaml", "--quiet").code == 0)
                let predict = ["predict", "tiny.yaml", "--quiet"]
                #expect(try await sandbox.start(predict, environment: profiles).finish().code == 0)
                let ids = try FileManager.default.contentsOfDirectory(atPath: "\(sandbox.work)/runs").sorted().filter {
                    FileManager.default.fileExists(atPath: "\(sandbox.work)/runs/\($0)/report.json")
                }
                #expect(ids.count == 2)
                let mixed = try await sandbox.epsim("compare", ids.joined(separator: ","), ids[0])
                #expect(mixed.code == 78 && mixed.output == "")
                #expect(mixed.errors.contains("of the measured clock, and ") && mixed.errors.contains(ids[1]))
                let report = "\(sandbox.work)/runs/\(ids[0])/report.json"
                let text = try String(contentsOfFile: report, encoding: .utf8)
                for (broken, words) in [
                    (String(text.prefix(text.utf8.count / 2)), "this is no report: it "),
                    ("{}", "this is no report: it has no schema_version"),
                    ("", "this is no report: it "),
                ] {
                    try Data(broken.utf8).write(to: URL(fileURLWithPath: report))
                    let result = try await sandbox.epsim("compare", "runs/\(ids[0])", ids[1])
                    #expect(result.code == 78 && result.output == "")
                    #expect(
                        result.errors.hasPrefix("epsim: 'runs/\(ids[0])/report.json': \(words)"),
                        "\(result.errors)"
                    )
                }
                for (name, words) in [
                    ("runs/none", "there is no folder 'runs/none'"),
                    (".", "'.' is no run folder: it has no report.json"),
                    ("runs/\(ids[1])/report.json", "is a file, allowed: the folder of a run, or its id"),
                ] {
                    let result = try await sandbox.epsim("compare", ids[1], name)
                    #expect(result.code == 78 && result.errors.contains(words), "\(result.errors)")
                }
            }
        }

        @Test func sweepsAreMatched() async throws {
            try await Sandbox.use { sandbox in
                for (name, topK) in [("before", 1), ("after", 2)] {
                    try sandbox.write(
                        "\(name).yaml",
                        """
                        config: tiny.yaml
                        clock: modelled
                        set: {hardware.profile: H100-SXM, router.top_k: \(topK)}
                        grid: {cluster.workers: [\(topK), 4]}
                        seeds: [1, 2]
                        out: runs/\(name)

                        """
                    )
                    let result = try await sandbox.epsim("sweep", "\(name).yaml", "--quiet")
                    #expect(result.code == 0, "\(result.errors)")
                }
                let result = try await sandbox.epsim("compare", "runs/before", "runs/after")
                #expect(result.code == 0, "\(result.errors)")
                for words in [
                    "# A  runs/before, a sweep: 4 runs, modelled clock", "# differs: router.top_k: A 1, B 2",
                    "## cluster.workers=4", "note: only A has cluster.workers=1", "note: only B has cluster.workers=2",
                ] { #expect(result.output.contains(words), "\(words)") }
                // A key that the first point does not read differs all the same.
                for (name, epsilon) in [("low", 0.1), ("high", 0.2)] {
                    try sandbox.write(
                        "\(name).yaml",
                        """
                        config: tiny.yaml
                        clock: modelled
                        set: {hardware.profile: H100-SXM, router.noise_epsilon: \(epsilon)}
                        grid: {router.kind: [switch, noisy-top-k]}
                        out: runs/\(name)

                        """
                    )
                    #expect(try await sandbox.epsim("sweep", "\(name).yaml", "--quiet").code == 0)
                }
                let some = try await sandbox.epsim("compare", "runs/low", "runs/high")
                #expect(some.output.contains("# differs: router.noise_epsilon: A 0.1, B 0.2"), "\(some.output)")
                let run = try await sandbox.epsim("run", "tiny.yaml", "--quiet")
                #expect(run.code == 0)
                let id = try #require(try await Self.ids(sandbox).first)
                let mixed = try await sandbox.epsim("compare", "runs/before", id)
                #expect(mixed.errors == "epsim: a sweep can only be compared with a sweep, and runs only with runs\n")
            }
        }
    }
}
