import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// The limits of the operating system, as a shell sets them.
    @Suite struct LimitTests {
        private static let sixteen = Sandbox.tiny.replacing("experts: 8", with: "experts: 16")
            .replacing("workers: 2", with: "workers: 16")

        private func result(
            _ limit: String,
            _ arguments: [String],
            _ sandbox: Sandbox
        ) async throws -> EpsimProcess.Result {
            try await sandbox.start(arguments, limit: limit).finish(within: 60)
        }

        /// Sixteen workers need 192 files, which no run may find out by a crash.
        @Test func openFilesAreCountedBeforeTheStart() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("sixteen.yaml", Self.sixteen)
                let refused = try await result("-n 96", ["run", "sixteen.yaml", "--quiet"], sandbox)
                #expect(refused.code == 78)
                #expect(
                    refused.errors
                        == "epsim: open files: found a limit of 96 (ulimit -n), allowed: at least 192 for 16 workers\n"
                )
                #expect(!FileManager.default.fileExists(atPath: "\(sandbox.work)/runs"))
                // The limit that a process may raise itself is raised.
                let raised = try await result("-S -n 96", ["run", "sixteen.yaml", "--quiet"], sandbox)
                #expect(raised.code == 0, "\(raised.errors)")
            }
        }

        /// The points of a sweep are checked before the first starts.
        @Test func limitsOfASweepAreCheckedFirst() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("s.yaml", "config: tiny.yaml\ngrid: {cluster.workers: [1, 2]}\n")
                let refused = try await result("-n 76", ["sweep", "s.yaml", "--out", "limited"], sandbox)
                #expect(refused.code == 78)
                #expect(
                    refused.errors.contains(
                        "cluster.workers=2: open files: found a limit of 76 (ulimit -n), allowed: at least 80 for 2 workers"
                    ),
                    "\(refused.errors)"
                )
                #expect(refused.errors.contains("1 of the 2 points cannot run; nothing was started"))
                #expect(!FileManager.default.fileExists(atPath: "\(sandbox.work)/limited"))
            }
        }

        @Test(
            "No limit ends in a signal",
            arguments: [
                "-n 8", "-n 10", "-n 14", "-n 20", "-n 24", "-n 32", "-n 48", "-n 63", "-f 8", "-v 300000", "-d 60000",
                "-s 128",
            ]
        )
        func nothingCrashes(limit: String) async throws {
            try await Sandbox.use { sandbox in
                for arguments in [
                    ["run", "tiny.yaml", "--quiet"], ["worker", "--connect", "tcp://127.0.0.1:9"], ["doctor"],
                    ["coordinator", "tiny.yaml", "--bind", "tcp://127.0.0.1:*"],
                ] {
                    let refused = try await result(limit, arguments, sandbox)
                    #expect(refused.code == 78, "\(arguments): \(refused.code) \(refused.errors)")
                    #expect(refused.errors.contains("found a limit of") && refused.errors.contains("ulimit"))
                }
            }
        }

        /// 400 steps of two layers on two ranks are a larger table than 300 KiB; five are not.
        @Test func theLargestFileIsEstimated() async throws {
            try await Sandbox.use { sandbox in
                let arguments = ["run", "tiny.yaml", "--quiet", "--steps"]
                let refused = try await result("-f 300", arguments + ["400"], sandbox)
                #expect(refused.code == 78 && refused.errors.contains("size of a file: found a limit of 300 KiB"))
                let run = try await result("-f 300", arguments + ["5"], sandbox)
                #expect(run.code == 0, "\(run.errors)")
            }
        }
    }
}
