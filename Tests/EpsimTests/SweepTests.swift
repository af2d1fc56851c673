import Basics
import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// `epsim sweep` with runs in processes of their own.
    @Suite struct SweepTests {
        private static let twoPoints = """
            config: tiny.yaml
            grid: {cluster.workers: [1, 2]}

            """

        /// What a sweep left: `summary.csv` by rows, and the names in its folders.
        private struct Record {
            let rows: [[String: String]]
            let points: [String]
            let failed: [String]

            init(_ folder: String) throws {
                let text = try String(contentsOfFile: "\(folder)/summary.csv", encoding: .utf8)
                let lines = try CSVReader.rows(of: text).map(\.fields)
                let header = try #require(lines.first)
                rows = lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
                func names(_ name: String) -> [String] {
                    ((try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)")) ?? []).sorted()
                }
                (points, failed) = (names("points"), names("failed"))
                #expect(!FileManager.default.fileExists(atPath: "\(folder)/running"))
            }

            func column(_ name: String) -> [String] { rows.map { $0[name] ?? "(missing)" } }
        }

        @Test func runsEveryPointAndSumsUp() async throws {
            try await Sandbox.use { sandbox in
                let text = Self.twoPoints + "repeats: 2\nideal: strong\n"
                try sandbox.write("s.yaml", text)
                let out = sandbox.freshOut()
                let result = try await sandbox.epsim("sweep", "s.yaml", "--out", out)
                #expect(result.code == 0, "\(result.errors)")
                let record = try Record(out)
                #expect(record.column("repeat") == ["1", "1", "2", "2"])
                #expect(record.column("cluster.workers") == ["1", "2", "1", "2"])
                #expect(
                    record.rows.allSatisfy { ["valid", "invalid"].contains($0["status"]) && $0["clock"] == "measured" }
                )
                let cores = try #require(record.column("cores").first.flatMap { Int($0) })
                #expect(record.column("busy_processes") == ["2", "3", "2", "3"])
                #expect(record.column("oversubscribed") == ["2", "3", "2", "3"].map { "\((Int($0) ?? 0) > cores)" })
                #expect(
                    record.points
                        == zip(record.column("point"), record.column("repeat")).map { "\($0)-r\($1)" }.sorted()
                )
                #expect(try String(contentsOfFile: "\(out)/sweep.yaml", encoding: .utf8) == text)
                for (row, name) in zip(record.rows, record.rows.map { "\($0["point"] ?? "")-r\($0["repeat"] ?? "")" }) {
                    let json = try String(contentsOfFile: "\(out)/points/\(name)/report.json", encoding: .utf8)
                    let report = try JSON(parsing: json)
                    #expect(report.number("workers") == row["cluster.workers"].flatMap { Double($0) })
                    #expect(report.number("time.step_seconds.p50") == row["step_seconds_p50"].flatMap { Double($0) })
                }
                let lines = result.output.split(separator: "\n").map(String.init)
                #expect(lines[1].hasPrefix("workers  runs") && lines[1].contains("speed-up  efficiency"))
                #expect(lines[0].hasSuffix("measured clock") && lines[3].contains("1.00       100.0"))
                #expect(result.errors.contains("sweep folder: \(out)"))
            }
        }

        /// A key of the configuration that one of the routers does not read, and a key of the sweep that the other one
        /// does not.
        @Test func keysApplyToThePointsThatReadThem() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("n.yaml", Sandbox.tiny + "router: {kind: noisy-top-k, noise_epsilon: 0.5}\n")
                try sandbox.write(
                    "s.yaml",
                    "config: n.yaml\ngrid: {router.kind: [noisy-top-k, switch], router.z_loss: [0, 0.1]}\n"
                )
                let out = sandbox.freshOut()
                let result = try await sandbox.epsim("sweep", "s.yaml", "--out", out, "--format", "csv", "--quiet")
                #expect(result.code == 0 && result.errors == "", "\(result.errors)")
                let record = try Record(out)
                #expect(record.column("router.kind") == ["noisy-top-k", "switch", "switch"])
                #expect(record.column("router.z_loss") == ["", "0", "0.1"])
                #expect(record.column("status").allSatisfy { $0 != "failed" }, "\(record.column("reason"))")
                #expect(try result.output == String(contentsOfFile: "\(out)/summary.csv", encoding: .utf8))
            }
        }

        @Test func resumesWhatIsNotFinished() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("s.yaml", Self.twoPoints)
                let out = sandbox.freshOut()
                #expect(try await sandbox.epsim("sweep", "s.yaml", "--out", out, "--quiet").code == 0)
                let first = try Record(out)
                let again = try await sandbox.epsim("sweep", "s.yaml", "--out", out)
                #expect(again.code == 78)
                #expect(
                    again.errors == "epsim: '\(out)' holds results of a sweep: continue it with --resume, or choose "
                        + "another --out\n"
                )
                // Another point, before the others: only that runs.
                try sandbox.write("s.yaml", "config: tiny.yaml\ngrid: {cluster.workers: [4, 1, 2]}\n")
                let rest = try await sandbox.epsim("sweep", "s.yaml", "--out", out, "--dry-run")
                let said = rest.output.replacingOccurrences(of: "\n  ", with: " ")
                #expect(said.contains("1 of 3 runs left for \(out)"))
                #expect(said.contains("estimated from 2 finished runs, in proportion to steps x tokens"))
                let resumed = try await sandbox.epsim("sweep", "s.yaml", "--out", out, "--resume", "--json")
                #expect(resumed.errors == "")
                #expect(resumed.code == 0)
                let record = try Record(out)
                #expect(record.column("cluster.workers") == ["4", "1", "2"])
                #expect(Array(record.rows.dropFirst()) == first.rows)
                try sandbox.write("s.yaml", Self.twoPoints)
                let fewer = try await sandbox.epsim("sweep", "s.yaml", "--out", out, "--resume")
                let note = "the folder also holds 1 run of points that are not in the sweep file"
                #expect(fewer.errors == "sweep folder: \(out)\n\(note)\n")
                #expect(try Record(out).rows == first.rows)
                #expect(try JSON(parsing: resumed.output).array.compactMap { $0.number("repeat") } == [1, 1, 1])
            }
        }

        @Test func keepsAFailedPointAndGoesOn() async throws {
            try await Sandbox.use { sandbox in
                // A layer that takes longer than it may.
                try sandbox.write(
                    "s.yaml",
                    """
                    config: tiny.yaml
                    set: {cluster.layer_seconds: 0.3, cluster.delay_phase: compute}
                    grid: {cluster.delay_milliseconds: [5000, 0]}

                    """
                )
                let out = sandbox.freshOut()
                let result = try await sandbox.epsim("sweep", "s.yaml", "--out", out)
                #expect(result.code == 1)
                let record = try Record(out)
                #expect(record.column("status").first == "failed" && record.column("step_seconds_p50").first == "")
                #expect(record.column("cluster.delay_milliseconds") == ["5000", "0"])
                #expect(record.points.count == 1 && record.failed.count == 1)
                let reason = try #require(record.column("reason").first)
                #expect(reason.contains("cluster.layer_seconds"), "\(reason)")
                #expect(result.errors.contains("epsim: cluster.delay_milliseconds=5000 repeat 1 failed: "))
                #expect(result.errors.contains("epsim: 1 of 2 runs failed; --resume runs them again"))
                #expect(result.output.contains("! cluster.delay_milliseconds=5000 repeat 1: "))
                let folder = "\(out)/failed/\(record.failed[0])"
                let names = try FileManager.default.contentsOfDirectory(atPath: folder)
                let rest = try await sandbox.epsim("sweep", "s.yaml", "--out", out, "--dry-run")
                #expect(rest.output.contains("1 of 2 runs left"))
                #expect(Set(["point.json", "stderr.txt", "config.yaml", "report.json"]).isSubset(of: names))
            }
        }

        @Test func aRunThatIsKilledIsAFailedPoint() async throws {
            try await Sandbox.use { sandbox in
                let (process, out) = try await startLongSweep(sandbox)
                let run = try #require(sandbox.processes.first { $0.arguments.contains("run") })
                kill(run.pid, SIGKILL)
                #expect(
                    try await holds(within: 10) {
                        process.errorsSoFar.contains("failed: epsim run was killed by signal 9")
                    }
                )
                process.send(signal: SIGINT)
                #expect(try await process.finish(within: 15).code == 130)
                #expect(try Record(out).column("status") == ["valid", "failed"])
            }
        }

        @Test(arguments: [false, true])
        func ctrlCKeepsWhatIsFinished(ofWholeGroup: Bool) async throws {
            try await Sandbox.use { sandbox in
                let (process, out) = try await startLongSweep(sandbox)
                for entry in sandbox.processes where ofWholeGroup || entry.pid == process.pid {
                    kill(entry.pid, SIGINT)
                }
                // Less than the patience after which a run is killed: the signal is passed on.
                let result = try await process.finish(within: 8)
                #expect(result.code == 130)
                #expect(result.messages.last == "epsim: interrupted after 1 of 3 runs; --resume runs the rest")
                let record = try Record(out)
                #expect(record.column("run.steps") == ["5"] && record.points.count == 1 && record.failed.isEmpty)
            }
        }

        /// A run that is stopped, and so does not end, is not waited for.
        @Test func ctrlCForTheThirdTimeEndsAtOnce() async throws {
            try await Sandbox.use { sandbox in
                let (process, _) = try await startLongSweep(sandbox)
                let run = try #require(sandbox.processes.first { $0.arguments.contains("run") })
                kill(run.pid, SIGSTOP)
                process.send(signal: SIGINT)
                #expect(try await !holds(within: 1) { !process.isRunning })
                #expect(
                    try await holds(within: 5) {
                        process.send(signal: SIGINT)
                        return !process.isRunning
                    }
                )
                #expect(try await process.finish(within: 1).code == 130)
                kill(run.pid, SIGCONT)
                #expect(try await holds(within: 10) { sandbox.processes.isEmpty })
            }
        }

        @Test func killLosesNothingAndLeavesNoProcess() async throws {
            try await Sandbox.use { sandbox in
                let (process, out) = try await startLongSweep(sandbox)
                process.send(signal: SIGKILL)
                #expect(try await process.finish(within: 5).code == 128 + SIGKILL)
                #expect(try await holds(within: 10) { sandbox.processes.isEmpty })
                let rest = try await sandbox.epsim("sweep", "long.yaml", "--out", out, "--dry-run")
                #expect(rest.output.contains("2 of 3 runs left"))
                let text = try String(contentsOfFile: "\(out)/summary.csv", encoding: .utf8)
                #expect(text.split(separator: "\n").count == 2)
            }
        }

        @Test func showsHowFarItIsOnATerminal() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("s.yaml", Self.twoPoints + "repeats: 2\n")
                let process = try sandbox.start(["sweep", "s.yaml", "--out", sandbox.freshOut()], isOnTerminal: true)
                let result = try await process.finish()
                #expect(result.code == 0)
                #expect(result.errors.contains("left; run 1 of 4: cluster.workers=1, repeat 1"))
                #expect(result.errors.contains("left; run 4 of 4: cluster.workers=2, repeat 2"))
                // The line is taken away.
                #expect(
                    result.errors.hasSuffix("\r\u{1B}[Ksweep folder: \(sandbox.work)")
                        || result.errors.contains("\u{1B}[Ksweep folder")
                )
            }
        }

        @Test func dryRunRunsNothing() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("s.yaml", Self.twoPoints + "seeds: [3, 4]\n")
                let result = try await sandbox.epsim("sweep", "s.yaml", "--dry-run")
                #expect(result.code == 0 && result.errors == "")
                let lines = result.output.split(separator: "\n").map(String.init)
                #expect(lines.filter { $0.hasSuffix("cluster.workers=2") }.count == 2)
                let total = result.output.replacingOccurrences(of: "\n  ", with: " ").split(separator: "\n").last ?? ""
                #expect(total.hasPrefix("4 of 4 runs left for sweeps/s, about "))
                #expect(
                    total.hasSuffix(
                        "a guess, since no run has ended yet: 0.5 s and 10000 tokens per second (steps x tokens, warm-up included)"
                    )
                )
            }
        }

        /// Points are predicted in the program itself; what does not fit the hardware is a failed point.
        @Test func modelledPointsNeedNoProcesses() async throws {
            try await Sandbox.use { sandbox in
                sandbox.expect("sweeps")
                try sandbox.write(
                    "m.yaml",
                    """
                    config: tiny.yaml
                    clock: modelled
                    grid:
                      cluster.workers: [2, 4]
                      hardware.reserved_gb: [0, 90]

                    """
                )
                let profiles = ["EPSIM_HARDWARE": Sandbox.profiles]
                let result = try await sandbox.start(["sweep", "m.yaml", "--json"], environment: profiles).finish()
                #expect(result.code == 1)
                #expect(result.errors.contains("a rank needs 90.0 GB"))
                let lines = try String(contentsOfFile: "\(sandbox.work)/sweeps/m/summary.csv", encoding: .utf8)
                    .split(separator: "\n")
                #expect(lines.count == 5)
                #expect(lines.count { $0.contains(",valid,") && $0.contains("modelled") } == 2)
                #expect(lines.count { $0.contains(",failed,") } == 2)
                let again = try await sandbox.start(["sweep", "m.yaml", "--quiet"], environment: profiles).finish()
                #expect(again.code != 0)
                let best = try await sandbox.start(["predict", "m.yaml", "--goal", "latency"], environment: profiles)
                    .finish()
                #expect(best.code == 0)
                #expect(best.output.contains("best: cluster.workers="))
                #expect(best.output.contains("communication in no time would save"))
                #expect(best.errors.contains("a rank needs 90.0 GB"))
            }
        }

        @Test func wrongFilesAreToldWithTheirPlace() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("s.yaml", "config: tiny.yaml\ngrid:\n  cluster.workers: [1, 9]\n")
                let misfit = try await sandbox.epsim("sweep", "s.yaml")
                #expect(misfit.code == 78)
                #expect(
                    misfit.errors == "s.yaml:3:24: cluster.workers: found 9, allowed: at most 8, as model.experts is 8 "
                        + "(tiny.yaml:1)\n"
                )
                let none = try await sandbox.epsim("sweep", "none.yaml")
                #expect(
                    none.code == 78 && none.errors == "none.yaml: found no such file, allowed: a readable text file\n"
                )
                let both = try await sandbox.epsim("sweep", "s.yaml", "--dry-run", "--json")
                #expect(both.code == 64 && both.errors.contains("--dry-run prints a list, and excludes --json"))
            }
        }

        /// Files that are missing or wrong are told before the first point starts, each once, with the points that read it.
        @Test func filesOfAllPointsAreLookedAtFirst() async throws {
            try await Sandbox.use { sandbox in
                for name in ["bad.npy", "worse.npy"] { try sandbox.write(name, "no array") }
                for clock in ["measured", "modelled"] {
                    try sandbox.write(
                        "s.yaml",
                        """
                        config: tiny.yaml
                        clock: \(clock)
                        set: {workload.kind: activations}
                        grid:
                          workload.path: [worse.npy, bad.npy]
                          run.steps: [2, 3]

                        """
                    )
                    let profiles = ["EPSIM_HARDWARE": Sandbox.profiles]
                    let commands = [["sweep", "s.yaml"], ["sweep", "s.yaml", "--dry-run"]]
                    let goal = clock == "modelled" ? [["predict", "s.yaml", "--goal", "latency"]] : []
                    for command in commands + goal {
                        let result = try await sandbox.start(command, environment: profiles).finish()
                        #expect(result.code == 78 && result.output == "", "\(command): \(result.output)")
                        let lines = result.errors.split(separator: "\n")
                        #expect(
                            lines.count == 3 && lines.last == "epsim: 4 of the 4 points cannot run; nothing was started"
                        )
                        for (line, name) in zip(lines, ["worse.npy", "bad.npy"]) {
                            #expect(line.contains("\(name) run.steps=2, workload.path="), "\(line)")
                            #expect(line.contains("run.steps=3: "), "\(line)")
                        }
                    }
                    #expect(!FileManager.default.fileExists(atPath: "\(sandbox.work)/sweeps"))
                }
            }
        }

        /// The name of a point does not tell the clocks apart.
        @Test func aFolderIsOfOneClock() async throws {
            try await Sandbox.use { sandbox in
                let out = sandbox.freshOut()
                func sweep(_ clock: String, _ arguments: [String]) async throws -> EpsimProcess.Result {
                    try sandbox.write("s.yaml", "config: tiny.yaml\nclock: \(clock)\ngrid: {run.steps: [2]}\n")
                    let all = ["sweep", "s.yaml", "--quiet", "--out", out] + arguments
                    return try await sandbox.start(all, environment: ["EPSIM_HARDWARE": Sandbox.profiles]).finish()
                }
                #expect(try await sweep("modelled", []).code == 0)
                let other = try await sweep("measured", ["--resume"])
                #expect(
                    other.code == 78 && other.errors.contains("holds runs of the modelled clock"),
                    "\(other.errors)"
                )
                #expect(try await sweep("modelled", ["--resume"]).code == 0)
            }
        }

        /// A sweep of a short run and two that take longer than anybody waits, of which the first long one has begun.
        private func startLongSweep(_ sandbox: Sandbox) async throws -> (process: EpsimProcess, out: String) {
            try sandbox.write("long.yaml", "config: tiny.yaml\ngrid: {run.steps: [5, 100000, 100001]}\n")
            let out = sandbox.freshOut()
            let process = try sandbox.start(["sweep", "long.yaml", "--out", out])
            let running = { try FileManager.default.contentsOfDirectory(atPath: "\(out)/points").count }
            guard try await holds(within: 20, { (try? running()) == 1 && sandbox.workers.count == 2 }) else {
                throw TestTrouble("the sweep did not get under way: \(process.errorsSoFar)")
            }
            return (process, out)
        }
    }
}
