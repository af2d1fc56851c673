import Basics
import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// What everybody meets every day: mistyped words, narrow terminals, the forms of output.
    @Suite struct ComfortTests {
        @Test(
            arguments: [
                (
                    ["run", "tiny.yaml", "--steps", "-5"], 78,
                    "flag --steps: run.steps: found -5, allowed: an integer from 1"
                ),
                (
                    ["run", "tiny.yaml", "--steps", "abc"], 78,
                    "flag --steps: run.steps: found \"abc\", allowed: an integer"
                ),
                (
                    ["run", "tiny.yaml", "--seed", "-1"], 78,
                    "flag --seed: run.seed: found -1, allowed: an integer from 0"
                ),
                (
                    ["run", "tiny.yaml", "--set", "run.steps=-1"], 78,
                    "flag --set: run.steps: found -1, allowed: an integer"
                ),
                (["predict", "tiny.yaml", "--ranks", "-3"], 78, "flag --ranks: cluster.workers: found -3, allowed: "),
                (["tour", "--ranks", "-1"], 78, "flag --ranks: cluster.workers: found -1, allowed: an integer from 1"),
                (["tour", "--hardware", "H100-SMX"], 78, "did you mean H100-SXM?"),
                (["doctor", "--workers", "-1"], 64, "--workers -1: 1 to 1024 are allowed"),
                (["runs", "list", "--limit", "-1"], 64, "--limit -1: 0 or more is allowed"),
                (["rnu", "tiny.yaml"], 64, "epsim: found command \"rnu\", did you mean run? allowed: init, run, "),
                (["runs", "lst"], 64, "epsim runs: found command \"lst\", did you mean list? allowed: list, show, "),
                (["hardware", "shw", "B200"], 64, "found command \"shw\", did you mean show? allowed: list or show"),
                (["systems", "--json", "--format", "csv"], 64, "--json and --format csv exclude each other"),
                (["runs", "query", "--sql", "SELECT 1", "--csv", "--json"], 64, "--csv excludes other forms"),
                (["runs", "query", "--columns", "--format", "csv"], 64, "and excludes --format csv"),
                (["runs", "query", "--columns", "--seconds", "1"], 64, "and excludes --seconds"),
                (["runs", "show", "a", "--path", "--json"], 64, "--path and --json exclude each other"),
                (["run", "tiny.yaml", "--over-steps", "--format", "csv"], 64, "which --format csv leaves out"),
                (["sweep", "s.yaml", "--format", "csv", "--dry-run"], 64, "a list, and excludes --format csv"),
                (["systems", "--format", "xml"], 64, "Please provide one of 'table', 'json' or 'csv'"),
            ] as [([String], Int32, String)]
        )
        func mistakesAreAnswered(arguments: [String], code: Int32, message: String) async throws {
            try await Sandbox.use { sandbox in
                let result = try await sandbox.start(arguments).finish()
                #expect(result.code == code && result.output == "")
                #expect(result.errors.contains(message), "\(result.errors)")
            }
        }

        /// What a command prints on a terminal of 80 columns, in lines.
        private static func lines(_ arguments: [String], _ sandbox: Sandbox) async throws -> [String] {
            let process = try sandbox.start(arguments, isOnTerminal: true, showsOutput: true, columns: 80)
            let result = try await process.finish()
            #expect(result.code == 0, "\(arguments): \(result.errors)")
            return result.errors.split(whereSeparator: \.isNewline).map(String.init)
        }

        @Test(
            arguments: [
                ["systems"], ["hardware"], ["hardware", "show", "H100-SXM"], ["config", "routers"],
                ["sweep", "s.yaml", "--dry-run"],
            ]
        )
        func tablesFitATerminal(arguments: [String]) async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write(
                    "s.yaml",
                    "config: tiny.yaml\ngrid: {cluster.workers: [1, 2], router.top_k: [1, 2]}\n"
                )
                let lines = try await Self.lines(arguments, sandbox)
                #expect(lines.count > 4)
                for line in lines { #expect(line.count <= 80 && line.last != " ", "\(line)") }
            }
        }

        @Test func routersAreMarkdownWhereNobodyReads() async throws {
            try await Sandbox.use { sandbox in
                #expect(try await sandbox.epsim("config", "routers").output.hasPrefix("| router.kind | routes by |"))
                let lines = try await Self.lines(["config", "routers"], sandbox)
                #expect(lines.first?.hasPrefix("router.kind ") == true)
            }
        }

        @Test func runsAreListedWithModelHardwareAndFigures() async throws {
            try await Sandbox.use { sandbox in
                for arguments in [
                    ["run", "tiny.yaml"], ["run", "--system", "switch", "--steps", "5"],
                    ["predict", "tiny.yaml", "--hardware", "H100-SXM", "--out", "runs"],
                ] {
                    #expect(try await sandbox.start(arguments + ["--quiet"]).finish().code == 0)
                }
                let lines = try await Self.lines(["runs", "list"], sandbox)
                for line in lines { #expect(line.count <= 80 && line.last != " ", "\(line)") }
                #expect(lines.count == 2 + 3 + 1, "\(lines)")
                let words = lines.map { $0.split(separator: " ").map(String.init) }
                #expect(words[0] == ["run", "status", "clock", "ranks", "model", "step", "imbalance"])
                let ids = try await sandbox.epsim("runs", "list", "--format", "csv")
                let rows = try CSVReader.rows(of: ids.output).map(\.fields)
                #expect(rows.count == 4 && rows[0].first == "id" && rows[0].last == "folder")
                // What is shown of an id names the run, and elsewhere ids are whole.
                let wide = try await sandbox.epsim("runs", "list")
                for (row, line) in zip(rows.dropFirst(), lines[2...4]) {
                    let id = String(line.prefix { $0 != " " })
                    #expect(row[0].hasPrefix(id) && wide.output.contains(row[0]))
                    #expect(try await sandbox.epsim("runs", "show", id, "--path").output == "runs/\(row[0])\n")
                    let isPredicted = row.contains("modelled")
                    #expect(line.contains(isPredicted ? " H100-SXM " : " measured "), "\(line)")
                    #expect(line.contains(row.contains("system switch") ? " switch " : " 2 x 8 "), "\(line)")
                }
                #expect(rows.count { $0.contains("modelled") } == 1 && rows.count { $0.contains("system switch") } == 1)
                #expect(wide.output.contains("tiny.yaml"))
            }
        }

        @Test(
            arguments: [
                (["systems"], "name", "switch"), (["systems", "switch"], "name", "switch"),
                (["hardware"], "name", "B200"),
                (["hardware", "show", "B200"], "constant", "bf16_peak"),
            ]
        )
        func everyFormHasTheSameRows(arguments: [String], key: String, row: String) async throws {
            try await Sandbox.use { sandbox in
                let csv = try await sandbox.start(arguments + ["--format", "csv"]).finish()
                let rows = try CSVReader.rows(of: csv.output).map(\.fields)
                #expect(csv.code == 0 && rows[0][0] == key && Set(rows.map(\.count)) == [rows[0].count])
                #expect(rows.contains { $0[0] == row })
                let json = try await sandbox.start(arguments + ["--json"]).finish()
                let same = try await sandbox.start(arguments + ["--format", "json"]).finish()
                #expect(json.code == 0 && json.output == same.output)
                let objects = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
                let list = try #require(objects as? [[String: Any]] ?? (objects as? [String: Any]).map { [$0] })
                #expect(list.compactMap { $0[key] as? String } == rows.dropFirst().map { $0[0] })
                #expect(Set(list.flatMap(\.keys)) == Set(rows[0]))
                let table = try await sandbox.start(arguments).finish()
                #expect(rows.dropFirst().allSatisfy { table.output.contains($0[0]) })
            }
        }

        /// What each command prints as CSV has a header and as many fields in every row; its JSON is JSON, under either name.
        @Test func everyCommandWithFiguresHasEveryForm() async throws {
            try await Sandbox.use { sandbox in
                var ids: [String] = []
                for ranks in ["1", "2"] {
                    let run = try await sandbox.epsim("predict", "tiny.yaml", "--ranks", ranks, "--quiet", "--json")
                    ids.append(try #require(try JSON(parsing: run.output).string("run.id")))
                }
                let trace = packageFolder("configs/data/minilm-top2.trace.safetensors")
                let logits = CaseFile("mixtral", folder: fixtureFolder("oracles")).path("safetensors")
                let commands: [(arguments: [String], first: String, rows: Int)] = [
                    (["runs", "show", ids[0]], "path", 20), (["compare", ids[0], ids[1]], "point", 20),
                    (["trace", "info", trace], "layer", 4),
                    (["route", logits, "--router", "mixtral", "--tensor", "io.router_logits"], "layer", 20),
                    (["validate", packageFolder("configs/validation/deepep_published_h800.csv")], "file", 14),
                    (["predict", "tiny.yaml"], "path", 20),
                ]
                for (arguments, first, least) in commands {
                    let csv = try await sandbox.start(arguments + ["--format", "csv"]).finish()
                    let rows = try CSVReader.rows(of: csv.output).map(\.fields)
                    #expect(
                        csv.code == 0 && rows.first?.first == first && rows.count >= least,
                        "\(arguments): \(csv.errors)"
                    )
                    #expect(Set(rows.map(\.count)).count == 1, "\(arguments)")
                    let json = try await sandbox.start(arguments + ["--format", "json"]).finish()
                    let short = try await sandbox.start(arguments + ["--json"]).finish()
                    #expect(json.code == 0 && (try? JSON(parsing: json.output)) != nil, "\(arguments)")
                    #expect(
                        short.code == 0 && (arguments[0] == "predict" || short.output == json.output),
                        "\(arguments)"
                    )
                }
                let exact = try await sandbox.epsim("compare", ids[0], ids[1], "--confidence", "0.9")
                #expect(exact.code == 78 && exact.errors.contains("has no meaning here"), "\(exact.errors)")
            }
        }

        @Test func aSweepPrintsItsSummary() async throws {
            try await Sandbox.use { sandbox in
                let set = "set: {hardware.profile: H100-SXM}"
                try sandbox.write(
                    "s.yaml",
                    "config: tiny.yaml\nclock: modelled\n\(set)\ngrid: {router.top_k: [1, 2]}\n"
                )
                let out = sandbox.freshOut()
                let result = try await sandbox.epsim("sweep", "s.yaml", "--out", out, "--format", "csv")
                #expect(result.code == 0, "\(result.errors)")
                #expect(try result.output == String(contentsOfFile: "\(out)/summary.csv", encoding: .utf8))
            }
        }

        @Test(
            arguments: [
                ("run", "folder"), ("predict", "folder"), ("coordinator", "folder"), ("sweep", "folder"),
                ("tour", "folder"), ("runs list", "folder"), ("compare", "folder"), ("route", "file"),
                ("calibrate", "file"),
            ]
        )
        func helpSaysWhatOutNames(command: String, kind: String) async throws {
            try await Sandbox.use { sandbox in
                let words = command.split(separator: " ").map(String.init)
                let help = try await sandbox.start(words + ["--help"]).finish()
                #expect(help.output.contains("--out <\(kind)>"), "\(help.output)")
            }
        }
    }
}
