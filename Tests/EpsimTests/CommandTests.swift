import Testing

extension RealProcesses {
    /// Commands that run nothing.
    @Suite struct CommandTests {
        @Test(arguments: [
            [], ["run"], ["coordinator"], ["worker"], ["cluster"], ["cluster", "up"], ["cluster", "status"],
            ["cluster", "down"], ["cluster", "key"], ["config"], ["config", "show"], ["config", "reference"],
            ["schema"], ["schema", "report"], ["doctor"], ["sweep"], ["calibrate"], ["predict"], ["hardware"],
            ["validate"],
            ["runs"], ["runs", "list"], ["runs", "show"], ["runs", "query"], ["runs", "prune"], ["runs", "reindex"],
            ["compare"], ["trace"], ["init"],
        ])
        func helpHasAnExample(command: [String]) async throws {
            try await Sandbox.use { sandbox in
                let result = try await sandbox.start(command + ["--help"]).finish()
                #expect(result.code == 0)
                #expect(result.errors == "")
                #expect(result.output.contains("Example"))
                #expect(result.output.contains("epsim \(command.joined(separator: " "))"))
            }
        }

        @Test func versionIsPrinted() async throws {
            try await Sandbox.use { sandbox in
                let result = try await sandbox.epsim("--version")
                #expect(result.code == 0)
                #expect(result.output == "0.1.0\n")
            }
        }

        @Test func doctorLooksAtEverything() async throws {
            try await Sandbox.use { sandbox in
                let result = try await sandbox.epsim("doctor", "--workers", "3")
                #expect(result.code == 0)
                let topics = [
                    "epsim", "toolchain", "system", "libzmq", "oneDNN", "cpu features", "kernel F32", "kernel BF16",
                    "products", "cores", "memory", "limits", "threads", "calibration",
                ]
                let lines = result.output.split(separator: "\n").filter { !$0.hasPrefix(" ") }
                #expect(lines.count == topics.count)
                for (line, topic) in zip(lines, topics) { #expect(line.dropFirst(6).hasPrefix(topic)) }
                #expect(result.output.contains("for 4 busy processes"))
            }
        }

        @Test func configurationIsShownWithItsSources() async throws {
            try await Sandbox.use { sandbox in
                let process = try sandbox.start(
                    ["config", "show", "tiny.yaml", "--workers", "8", "--set", "run.seed=9"],
                    environment: ["EPSIM_MODEL_LAYERS": "3"]
                )
                let result = try await process.finish()
                #expect(result.code == 0)
                func line(_ key: String) -> String {
                    result.output.split(separator: "\n").first { $0.contains(key) }.map(String.init) ?? ""
                }
                #expect(line("cluster.workers").contains("8") && line("cluster.workers").contains("--workers"))
                #expect(line("run.seed").contains("9") && line("run.seed").contains("--set"))
                #expect(line("model.layers").contains("3") && line("model.layers").contains("EPSIM_MODEL_LAYERS"))
                #expect(line("model.hidden").contains("32") && line("model.hidden").contains("tiny.yaml:1"))
                #expect(line("cluster.threads").contains("default"))
            }
        }
    }
}
