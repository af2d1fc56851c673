import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// `router.kind: command` in whole commands.
    @Suite(.enabled(if: DocumentedRouter.isRunnable)) struct CommandRouterTests {
        private static let routed = ["--set", "router.kind=command", "--set", "router.command=python3 router.py"]

        /// A sandbox with the router of the article, with some text of it in place of another.
        private func use(
            _ text: String = "",
            with other: String = "",
            _ body: (Sandbox) async throws -> Void
        ) async throws {
            try await Sandbox.use { sandbox in
                let program = try DocumentedRouter.text()
                try sandbox.write("router.py", text.isEmpty ? program : program.replacing(text, with: other))
                try await body(sandbox)
            }
        }

        @Test func aRunHasTheOutputsOfTheSameRule() async throws {
            try await use { sandbox in
                let plain = try await sandbox.run()
                let run = try await sandbox.run(Self.routed + ["--verify"])
                #expect(run.isSound && plain.isSound, "\(run.result.errors)\(plain.result.errors)")
                #expect(run.hash == plain.hash && run.hash != nil)
                #expect(run.report.number("wrong_tokens") ?? 0 == 0)
                #expect(FileManager.default.fileExists(atPath: "\(run.folder)/logs/router.log"))
                #expect(!FileManager.default.fileExists(atPath: "\(plain.folder)/logs/router.log"))

                let halves = ["--set", "run.overlap=two-batch"]
                let refused = try await sandbox.epsim(arguments: ["run", "tiny.yaml"] + Self.routed + halves)
                #expect(refused.code == 78)
                #expect(refused.errors.contains("router.command_per_token: true says that it does not"))
                let allowed = ["--set", "router.command_per_token=true"]
                let overlapped = try await sandbox.run(Self.routed + halves + allowed)
                #expect(overlapped.isSound && overlapped.hash == plain.hash, "\(overlapped.result.errors)")
            }
        }

        @Test func hiddenStatesInPlaceOfLogits() async throws {
            let columns = "token * columns + experts"
            try await use("(token + 1) * columns", with: columns) { sandbox in
                let hidden = ["--set", "router.command_input=hidden", "--verify"]
                let run = try await sandbox.run(Self.routed + hidden)
                #expect(run.isSound, "\(run.result.errors)")
                let config = try String(contentsOfFile: "\(run.folder)/config.yaml", encoding: .utf8)
                #expect(config.contains("command: \"python3 router.py\""), "\(config)")
                let again = try await sandbox.run([], config: "\(run.folder)/config.yaml")
                #expect(again.hash == run.hash)
            }
        }

        @Test(arguments: [
            (
                "    answer =", "    step == 3 and layer == 1 and sys.exit('no more')\n    answer =",
                "it ended with exit code 1"
            ),
            ("(best)", "([experts] * k)", "token 0 chose expert 8; allowed are 0 to 7"),
            ("sys.stdout.buffer.flush()", "pass", "it wrote 0 of the 792 bytes of its answer within 3 s"),
        ])
        func aRunWhoseRouterFailsSaysWhere(text: String, other: String, says: String) async throws {
            try await use(text, with: other) { sandbox in
                let run = try await sandbox.run(Self.routed + ["--set", "router.command_seconds=3"])
                #expect(run.result.code == 1 && run.status == "failed")
                let place = says.contains("exit code") ? "layer 1 of step 3" : "layer 0 of step 0"
                let line = try #require(run.result.messages.last)
                let begin = "epsim: \(place): \"python3 router.py\" (router.command): \(says)"
                #expect(line.hasPrefix(begin), "\(line)")
                #expect(sandbox.processes.isEmpty)
                if says.contains("exit code") {
                    #expect(line.hasSuffix("instead of answering: no more"), "\(line)")
                    let log = try String(contentsOfFile: "\(run.folder)/logs/router.log", encoding: .utf8)
                    #expect(log == "no more\n")
                }
            }
        }

        @Test func aProgramThatCannotBeStartedIsAWrongConfiguration() async throws {
            try await use { sandbox in
                let kind = ["--set", "router.kind=command"]
                let file = try await saveLogits(sandbox)
                for start in [
                    ["run", "tiny.yaml"] + kind, ["predict", "tiny.yaml"] + kind,
                    ["route", file, "--router", "command"],
                ] {
                    let lost = try await sandbox.epsim(arguments: start + ["--set", "router.command=ruoter.py"])
                    #expect(lost.code == 78, "\(start)")
                    #expect(lost.errors.contains("router.command: found \"ruoter.py\", allowed: a program in PATH"))
                    let missing = try await sandbox.epsim(arguments: start)
                    #expect(
                        missing.code == 78 && missing.errors.contains("router.command: missing"),
                        "\(missing.errors)"
                    )
                }
                let other = try await sandbox.epsim(arguments: [
                    "run", "tiny.yaml", "--set", "router.command=router.py",
                ])
                #expect(other.code == 78)
                #expect(other.errors.contains("router.command") && other.errors.contains("router.kind is command"))
            }
        }

        @Test func predictionsWithTokensAskTheProgram() async throws {
            try await use("    answer =", with: "    print(step, layer, file=sys.stderr)\n    answer =") { sandbox in
                let loads = try await predictedLoads(sandbox, Self.routed)
                #expect(try await loads == predictedLoads(sandbox, []) && !loads.isEmpty)
                try sandbox.write("router.py", "import sys\nsys.exit('no')\n")
                let failed = try await sandbox.epsim(arguments: ["predict", "tiny.yaml"] + Self.routed)
                #expect(failed.code == 1, "\(failed.output)")
                #expect(failed.errors.contains("layer 0 of step 0: \"python3 router.py\" (router.command): it ended"))
            }
        }

        private func predictedLoads(_ sandbox: Sandbox, _ arguments: [String]) async throws -> [String] {
            let out = sandbox.freshOut()
            let result = try await sandbox.epsim(arguments: ["predict", "tiny.yaml", "--out", out] + arguments)
            #expect(result.code == 0, "\(result.errors)")
            return try RunRecord(result, out: out).table("experts.csv").map { row in
                row.filter { !["run_id", "importance"].contains($0.key) }.sorted { $0.key < $1.key }.map(\.value)
                    .joined(separator: ",")
            }
        }

        private func saveLogits(_ sandbox: Sandbox) async throws -> String {
            sandbox.expect("run.safetensors")
            let run = try await sandbox.run("--save-outputs", "run.safetensors", "--set", "run.warmup=0")
            #expect(run.result.code == 0, "\(run.result.errors)")
            return "run.safetensors"
        }

        @Test func recordedLogitsAreRouted() async throws {
            try await use { sandbox in
                let file = try await saveLogits(sandbox)
                let program = ["--router", "command", "--set", "router.command=python3 router.py"]
                let route = ["route", file, "--tokens", "48"]
                let same = try await sandbox.epsim(arguments: route + program + ["--require-same", "--tolerance", "0"])
                #expect(same.code == 0 && same.output.hasSuffix("\nSAME\n"), "\(same.errors)\(same.output)")

                let hidden = try await sandbox.epsim(
                    arguments: route + program + ["--set", "router.command_input=hidden"]
                )
                #expect(hidden.code == 78)
                #expect(hidden.errors.contains("router.command_input: found hidden, allowed: logits"))

                try sandbox.write("router.py", DocumentedRouter.text().replacing("(shares)", with: "([math.inf] * k)"))
                let wrong = try await sandbox.epsim(arguments: route + program)
                #expect(wrong.code == 1)
                let says = "layer 0 of step 0: \"python3 router.py\" (router.command): token 0 has weight inf"
                #expect(wrong.errors.contains(says), "\(wrong.errors)")
            }
        }

        @Test func aUserNeedNotWaitForAProgramThatHangs() async throws {
            try await Sandbox.use { sandbox in
                let hanging = ["--set", "router.kind=command", "--set", "router.command=sleep 60"]
                let arguments = ["run", "tiny.yaml", "--set", "router.command_seconds=20"] + hanging
                let process = try sandbox.start(arguments)
                #expect(try await holds(within: 10) { sandbox.processes.contains { $0.arguments.last == "60" } })
                try await Task.sleep(for: .seconds(1))
                process.send(signal: SIGINT)
                let result = try await process.finish(within: 10)
                #expect(result.code == 130, "\(result.errors)")
                #expect(sandbox.processes.isEmpty)
            }
        }
    }
}

extension Sandbox {
    /// Runs the program to its end.
    fileprivate func epsim(arguments: [String]) async throws -> EpsimProcess.Result {
        try await start(arguments).finish()
    }
}
