import Basics
import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// `epsim runs` over folders of real runs.
    @Suite struct RunsTests {
        private static let model = ["predict", "tiny.yaml", "--hardware", "H100-SXM", "--quiet", "--out", "runs"]

        /// Two live runs and a prediction; the ids, the oldest first.
        private static func fill(_ sandbox: Sandbox) async throws -> [String] {
            for arguments in [
                ["run", "tiny.yaml", "--quiet", "--verify"], ["run", "tiny.yaml", "--quiet", "--seed", "2"], model,
            ] {
                #expect(try await sandbox.start(arguments).finish().code == 0)
            }
            let ids = try await sandbox.epsim(
                "runs",
                "query",
                "--csv",
                "--sql",
                "SELECT id FROM runs ORDER BY clock = 'modelled', seed"
            )
            return ids.output.split(separator: "\n").dropFirst().map(String.init)
        }

        @Test func everyRunIsListedShownAndQueried() async throws {
            try await Sandbox.use { sandbox in
                let ids = try await Self.fill(sandbox)
                #expect(ids.count == 3)
                let list = try await sandbox.epsim("runs", "list", "--clock", "measured")
                #expect(list.code == 0 && list.errors == "2 runs in runs/index.sqlite\n")
                #expect(list.output.contains(ids[0]) && !list.output.contains(ids[2]))
                let json = try await sandbox.epsim(
                    "runs",
                    "list",
                    "--json",
                    "--limit",
                    "1",
                    "--sort",
                    "seed",
                    "--reverse"
                )
                #expect(try JSON(parsing: json.output).array.map { $0.string("id") } == [ids[1]])
                #expect(json.errors == "1 of 3 runs in runs/index.sqlite; --limit 0 lists all\n" || json.errors == "")
                let shown = try await sandbox.epsim("runs", "show", ids[0])
                #expect(shown.code == 0 && shown.output.contains("wrong tokens: 0"))
                #expect(shown.errors == "run folder: runs/\(ids[0])\n")
                let report = try await sandbox.epsim("runs", "show", "runs/\(ids[0])", "--json")
                #expect(
                    try report.output
                        == String(contentsOfFile: "\(sandbox.work)/runs/\(ids[0])/report.json", encoding: .utf8)
                )
                #expect(try await sandbox.epsim("runs", "show", ids[0], "--path").output == "runs/\(ids[0])\n")
            }
        }

        /// The same figure in report.json, in SQLite and in the tables.
        @Test func figuresAgreeInEveryForm() async throws {
            try await Sandbox.use { sandbox in
                for id in try await Self.fill(sandbox) {
                    let folder = "\(sandbox.work)/runs/\(id)"
                    let report = try JSON(parsing: String(contentsOfFile: "\(folder)/report.json", encoding: .utf8))
                    let result = try await sandbox.epsim(
                        "runs",
                        "query",
                        "--json",
                        "--sql",
                        "SELECT * FROM runs WHERE id = '\(id)'"
                    )
                    let row = try #require(try JSON(parsing: result.output).array.first)
                    for path in [
                        "time.step_seconds.p50", "tokens_per_second.mean", "load.rank.imbalance.mean",
                        "load.expert.maxvio.max", "communication.exposed_share", "communication.bytes.dispatch",
                    ] {
                        #expect(report.number(path) != nil)
                        #expect(
                            row.number(path.replacingOccurrences(of: ".", with: "_")) == report.number(path),
                            "\(path)"
                        )
                    }
                    try await Self.checkTables(sandbox, id, report)
                }
            }
        }

        /// samples.csv, rank_totals and phases against the report.
        private static func checkTables(_ sandbox: Sandbox, _ id: String, _ report: JSON) async throws {
            let csv = try String(contentsOfFile: "\(sandbox.work)/runs/\(id)/samples.csv", encoding: .utf8)
            let samples = try CSVReader.rows(of: csv).dropFirst().map(\.fields)
            let steps = try #require(report.number("steps"))
            let result = try await sandbox.epsim(
                "runs",
                "query",
                "--json",
                "--sql",
                "SELECT rank, copies, seconds_compute, dispatch_bytes FROM rank_totals WHERE run_id = '\(id)'"
            )
            let ranks = try JSON(parsing: result.output).array
            #expect(ranks.count == 2)
            for row in ranks {
                func sum(_ phase: String, _ column: Int) -> Double {
                    samples.filter { $0[3] == "\(row.number("rank").map { Int($0) } ?? -9)" && $0[4] == phase }
                        .reduce(0) { $0 + (Double($1[column]) ?? .nan) } / steps
                }
                #expect(row.number("copies") == sum("compute", 5))
                // Means of layers, then summed.
                #expect(abs((row.number("dispatch_bytes") ?? .nan) / sum("dispatch", 6) - 1) < 1e-12)
                // Rows of samples.csv are rounded to nanoseconds.
                #expect(abs((row.number("seconds_compute") ?? .nan) - sum("compute", 7) / 1e6) < 2e-9)
            }
        }

        @Test func foldersAreTheTruth() async throws {
            try await Sandbox.use { sandbox in
                let ids = try await Self.fill(sandbox)
                let manager = FileManager.default
                try manager.removeItem(atPath: "\(sandbox.work)/runs/\(ids[0])")
                #expect(try await sandbox.epsim("runs", "list").output.contains("valid, gone") == true)
                let shown = try await sandbox.epsim("runs", "show", ids[0])
                #expect(shown.code == 78)
                #expect(
                    shown.errors == "epsim: the folder 'runs/\(ids[0])' of run \(ids[0]) is gone; 'epsim runs reindex' "
                        + "forgets it\n"
                )
                try manager.removeItem(atPath: "\(sandbox.work)/runs/index.sqlite")
                let missing = try await sandbox.epsim("runs", "list")
                #expect(missing.code == 1 && missing.errors.hasPrefix("epsim: there is no index 'runs/index.sqlite'"))
                try manager.createDirectory(atPath: "\(sandbox.work)/runs/odd", withIntermediateDirectories: false)
                try Data().write(to: URL(fileURLWithPath: "\(sandbox.work)/runs/odd/config.yaml"))
                let again = try await sandbox.epsim("runs", "reindex")
                #expect(again.code == 0 && again.errors.contains("2 runs in runs/index.sqlite ("))
                #expect(again.errors.contains("not in the index: runs/odd: no report.json: the run is under way"))
            }
        }

        @Test func pruningListsFirst() async throws {
            try await Sandbox.use { sandbox in
                let ids = try await Self.fill(sandbox)
                let listed = try await sandbox.epsim("runs", "prune", "--clock", "measured", "--keep", "1")
                #expect(listed.code == 0 && listed.errors == "1 run to delete; --yes deletes\n")
                #expect(ids.dropLast().contains { listed.output == "delete runs/\($0)\n" })
                let done = try await sandbox.epsim("runs", "prune", "--clock", "measured", "--keep", "1", "--yes")
                #expect(done.code == 0 && done.output == listed.output && done.errors == "1 run deleted\n")
                let names = try FileManager.default.contentsOfDirectory(atPath: "\(sandbox.work)/runs")
                #expect(names.count == 3 && names.contains(ids[2]))
                for arguments in [
                    ["--yes"], ["--keep", "-1"], ["--older-than", "yesterday"], ["--keep", "1", "--yes", "--dry-run"],
                ] {
                    #expect(try await sandbox.start(["runs", "prune"] + arguments).finish().code == 64)
                }
                #expect(try await sandbox.epsim("runs", "prune", "--older-than", "2d").errors == "nothing to delete\n")
            }
        }

        /// An index that cannot be written costs a line, and nothing else.
        @Test func aRunEndsWellWithoutItsIndex() async throws {
            try await Sandbox.use { sandbox in
                let folder = "\(sandbox.work)/runs"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try Data("not a database, whatever its name says, and long enough".utf8)
                    .write(to: URL(fileURLWithPath: "\(folder)/index.sqlite"))
                let result = try await sandbox.epsim("run", "tiny.yaml", "--quiet")
                #expect(result.code == 0)
                #expect(
                    result.errors
                        == "epsim: the run is not in the index: the index '\(folder)/index.sqlite' is broken (file is "
                        + "not a database); 'epsim runs reindex' makes it anew from the run folders\n"
                )
                #expect(try await sandbox.epsim("runs", "reindex").errors.contains("1 run in runs/index.sqlite"))
                #expect(try await sandbox.epsim("runs", "list").code == 0)
            }
        }

        @Test func pointsOfSweepsAreFound() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("s.yaml", "config: tiny.yaml\ngrid: {cluster.workers: [1, 2]}\n")
                let out = sandbox.freshOut()
                #expect(try await sandbox.epsim("sweep", "s.yaml", "--out", out, "--quiet").code == 0)
                #expect(!FileManager.default.fileExists(atPath: "\(out)/index.sqlite"))
                #expect(try await sandbox.epsim("runs", "reindex", "--out", out).code == 0)
                let rows = try await sandbox.epsim(
                    "runs",
                    "query",
                    "--out",
                    out,
                    "--csv",
                    "--sql",
                    "SELECT workers, path LIKE 'points/%' FROM runs ORDER BY 1"
                )
                #expect(rows.output.split(separator: "\n").dropFirst() == ["1,1", "2,1"])
                let kept = try await sandbox.epsim("runs", "prune", "--out", out, "--keep", "0", "--yes")
                #expect(kept.code == 0 && kept.errors.contains("it is a point of a sweep, which needs it"))
                #expect(kept.errors.hasSuffix("0 runs deleted\n"))
            }
        }
    }
}
