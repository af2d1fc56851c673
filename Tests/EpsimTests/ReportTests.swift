import Basics
import Foundation
import Tensors
import TestSupport
import Testing

extension RealProcesses {
    /// What a run prints and leaves.
    @Suite struct ReportTests {
        /// The names that scripts rely on, and the kind of their values.
        private static let numbers = [
            "schema_version", "seed", "workers", "verification.wrong_tokens", "verification.checked_tokens",
            "load.rank.imbalance.mean", "load.rank.imbalance.p50", "load.rank.imbalance.p90", "load.rank.imbalance.max",
            "load.rank.balancedness.mean", "load.expert.cv.mean", "load.expert.maxvio.mean", "load.importance.cv.mean",
            "load.dropped.copies", "load.dropped.fraction", "load.dropped.tokens", "time.step_seconds.p50",
            "time.step_seconds.p90", "time.step_seconds.max", "tokens_per_second.p50", "communication.total_seconds",
            "communication.exposed_seconds", "communication.bytes.dispatch", "communication.bytes.combine",
        ]

        @Test func jsonHasTheStableNames() async throws {
            try await Sandbox.use { sandbox in
                let result = try await sandbox.epsim(
                    "run",
                    "tiny.yaml",
                    "--json",
                    "--verify",
                    "--seed",
                    "7",
                    "--workers",
                    "3",
                    "--set",
                    "router.drop=position",
                    "--set",
                    "router.capacity_factor=0.75"
                )
                #expect(result.code == 0, "\(result.errors)")
                let report = try JSON(parsing: result.output)
                for name in Self.numbers { #expect(report.number(name) != nil, "\(name)") }
                #expect(report.number("schema_version") == 1)
                #expect(report.number("seed") == 7)
                #expect(report.number("workers") == 3)
                #expect(report.number("verification.wrong_tokens") == 0)
                #expect(report.number("verification.checked_tokens") == 240)
                #expect((report.number("load.dropped.copies") ?? 0) > 0)
                #expect(["valid", "invalid"].contains(report.string("status")))
                #expect(report.string("clock") == "measured")
                #expect(report.string("output.sha256")?.count == 64)
                let rows = report.elements("ranks")
                #expect(rows.count == 2 * 3)
                #expect(Set(rows.map { "\($0.number("layer") ?? -1)/\($0.number("rank") ?? -1)" }).count == 6)
                #expect(report["reasons"] == .list([]) || report.string("status") == "invalid")
            }
        }

        @Test func resultsGoToStandardOutputAndNothingElse() async throws {
            try await Sandbox.use { sandbox in
                let table = try await sandbox.epsim("run", "tiny.yaml")
                #expect(table.code == 0)
                #expect(table.output.hasPrefix("# epsim 0.1.0, run "))
                #expect(table.output.contains("\nrank ") && table.output.contains("wrong tokens: not verified"))
                #expect(table.messages.count == 1)
                #expect(table.errors.hasPrefix("run folder: \(sandbox.work)/runs/"))
                let quiet = try await sandbox.epsim("run", "tiny.yaml", "--quiet")
                #expect(quiet.code == 0)
                #expect(quiet.output == "")
                #expect(quiet.errors == "")
                let json = try await sandbox.epsim("run", "tiny.yaml", "--json")
                #expect(json.output.hasPrefix("{") && json.output.hasSuffix("}\n"))
                #expect(json.errors == "")
                let names = try FileManager.default.contentsOfDirectory(atPath: "\(sandbox.work)/runs")
                #expect(names.count == 4 && names.contains("index.sqlite"))
            }
        }

        @Test func progressIsForTerminalsOnly() async throws {
            try await Sandbox.use { sandbox in
                let shown = try await sandbox.start(["run", "tiny.yaml"], isOnTerminal: true).finish()
                #expect(shown.errors.contains("\r\u{1B}[K"))
                let dumb = try sandbox.start(["run", "tiny.yaml"], environment: ["TERM": "dumb"], isOnTerminal: true)
                #expect(try await !dumb.finish().errors.contains("\u{1B}"))
                let file = try await sandbox.epsim("run", "tiny.yaml")
                #expect(!file.errors.contains("\u{1B}"))
            }
        }

        @Test func colourFollowsTheEnvironment() async throws {
            try await Sandbox.use { sandbox in
                for (environment, isColoured) in [
                    ([:], false), (["FORCE_COLOR": "1"], true), (["FORCE_COLOR": "1", "NO_COLOR": "1"], false),
                ] {
                    let run = try sandbox.start(["run", "tiny.yaml", "--steps", "1"], environment: environment)
                    let output = try await run.finish().output
                    #expect(output.contains("\u{1B}[") == isColoured, "\(environment)")
                }
            }
        }

        @Test func missedRequirementIsCode99() async throws {
            try await Sandbox.use { sandbox in
                let met = try await sandbox.run(
                    "--verify",
                    "--require",
                    "imbalance<2",
                    "--require",
                    "wrong-tokens == 0"
                )
                #expect(met.result.code == 0)
                #expect(met.report.elements("requirements").count == 2)
                let missed = try await sandbox.run("--require", "balancedness>=1.5", "--require", "imbalance<2")
                #expect(missed.result.code == 99)
                #expect(["valid", "invalid"].contains(missed.status))
                #expect(missed.result.messages.count == 1)
                #expect(missed.result.errors.hasPrefix("epsim: requirement balancedness>=1.5: missed, actual 0."))
                let unknown = try await sandbox.run("--require", "wrong-tokens<1")
                #expect(unknown.result.code == 99)
                #expect(unknown.result.errors.contains("actual not known"))
            }
        }

        @Test func tooFewStepsAreInvalidButNoError() async throws {
            try await Sandbox.use { sandbox in
                let run = try await sandbox.run("--steps", "1")
                #expect(run.result.code == 0)
                #expect(run.status == "invalid")
                #expect(run.report.strings("reasons").first?.hasPrefix("too few steps to state a spread") == true)
            }
        }

        @Test func outputThatCannotBeWrittenIsAnError() async throws {
            try await Sandbox.use { sandbox in
                let shell = Process()
                shell.executableURL = URL(fileURLWithPath: "/bin/sh")
                shell.arguments = [
                    "-c", "'\(EpsimProcess.program)' doctor >/dev/full 2>'\(sandbox.path)/capture/full'",
                ]
                try shell.run()
                #expect(try await holds(within: 10) { !shell.isRunning })
                #expect(shell.terminationStatus == 1 && shell.terminationReason == .exit)
                let message = try String(contentsOfFile: "\(sandbox.path)/capture/full", encoding: .utf8)
                #expect(message.hasPrefix("epsim: standard output cannot be written: "))
            }
        }

        @Test func runFolderHoldsTheFiguresOfTheReport() async throws {
            try await Sandbox.use { sandbox in
                let run = try await sandbox.run(
                    "--workers",
                    "3",
                    "--set",
                    "model.shared_ffn=16",
                    "--set",
                    "cluster.threads=2"
                )
                #expect(run.report.elements("run.hosts").first?.number("busy_processes") == 7)
                let names = try FileManager.default.contentsOfDirectory(atPath: run.folder).sorted()
                #expect(
                    names == [
                        "config.yaml", "experts.csv", "logs", "report.html", "report.json", "samples.csv",
                        "trace.json.gz",
                    ]
                )
                let samples = try run.table("samples.csv")
                // Five steps of two layers: the coordinator's three phases, and five of each of three ranks.
                #expect(samples.count == 180)
                for row in run.report.elements("ranks") { try checkSamples(samples, row) }
                for direction in ["dispatch", "combine"] {
                    let bytes = sum(samples.filter { $0["phase"] == direction }, "bytes")
                    #expect(run.report.number("communication.bytes.\(direction)") == bytes)
                }
                let experts = try run.table("experts.csv")
                #expect(experts.count == 80)
                #expect(sum(experts, "copies") == 960)
                #expect(sum(samples.filter { $0["phase"] == "compute" }, "tokens") == sum(experts, "copies"))
            }
        }

        private func sum(_ rows: [[String: String]], _ column: String) -> Double {
            numbers(rows, column).reduce(0, +)
        }

        /// Means over five steps.
        private func checkSamples(_ samples: [[String: String]], _ row: JSON) throws {
            let layer = try #require(row.number("layer"))
            let rank = try #require(row.number("rank"))
            let mine = samples.filter { $0["layer"] == "\(Int(layer))" && $0["rank"] == "\(Int(rank))" }
            for phase in ["dispatch", "queue", "compute", "combine", "wait"] {
                let seconds = sum(mine.filter { $0["phase"] == phase }, "microseconds") * 1e-6 / 5
                #expect(abs(seconds - (row.number("seconds.\(phase)") ?? .nan)) < 1e-9)
            }
            let copies = sum(mine.filter { $0["phase"] == "compute" }, "tokens") / 5
            #expect(abs(copies - (row.number("copies") ?? .nan)) < 1e-9)
        }

        @Test func savedOutputsCanBeReadAndReplayed() async throws {
            try await Sandbox.use { sandbox in
                sandbox.expect("saved.safetensors")
                let path = "\(sandbox.work)/saved.safetensors"
                let run = try await sandbox.run("--save-outputs", "saved.safetensors", "--set", "run.warmup=0")
                #expect(run.result.code == 0, "\(run.result.errors)")
                let file = try SafetensorsFile(path: path)
                let output = try file.tensor(named: "output")
                #expect(output.shape == [240, 32])
                let values = try output.floats(rows: 0..<240)
                try sandbox.write("output.bin", values.flatMap { Self.bytes($0) })
                #expect(try sha256("\(sandbox.work)/output.bin") == run.hash)
                let replay = try await sandbox.run(
                    "--set",
                    "workload.kind=trace",
                    "--set",
                    "workload.path=saved.safetensors",
                    "--set",
                    "run.warmup=0"
                )
                #expect(replay.result.code == 0, "\(replay.result.errors)")
                let (before, after) = (try run.table("experts.csv"), try replay.table("experts.csv"))
                #expect(before.count == 80 && after.count == 80)
                for column in ["step", "layer", "expert", "copies"] {
                    #expect(before.map { $0[column] } == after.map { $0[column] }, "\(column)")
                }
                for (old, new) in zip(numbers(before, "importance"), numbers(after, "importance")) {
                    #expect(abs(old - new) < 1e-6)
                }
            }
        }

        private func numbers(_ rows: [[String: String]], _ column: String) -> [Double] {
            rows.map { $0[column].flatMap(Double.init) ?? .nan }
        }

        private static func bytes(_ value: Float) -> [UInt8] {
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }

        /// By coreutils.
        private func sha256(_ path: String) throws -> String {
            String(try Program.run("sha256sum", [path]).output.prefix(64))
        }
    }
}
