import Foundation
import Testing

extension RealProcesses {
    @Suite("epsim calibrate")
    struct CalibrateTests {
        @Test func reportsPredictOnceTheMachineIsCalibrated() async throws {
            try await Sandbox.use { sandbox in
                sandbox.expect("hardware")
                let environment = ["EPSIM_HARDWARE": "\(sandbox.work)/hardware"]
                let before = try await sandbox.epsim("run", "tiny.yaml", "--json", environment: environment)
                #expect(before.output.contains("\"prediction\" : null"))
                let hint = try await sandbox.epsim("doctor", environment: environment)
                #expect(hint.output.contains("until 'epsim calibrate' has run"))

                let result = try await sandbox.epsim("calibrate", "--quick", environment: environment, seconds: 90)
                #expect(result.code == 0, "\(result.errors)")
                #expect(result.output.contains("f32_products"))
                #expect(FileManager.default.fileExists(atPath: "\(sandbox.work)/hardware/this-machine.yaml"))

                let after = try await sandbox.epsim("run", "tiny.yaml", environment: environment)
                #expect(after.code == 0)
                #expect(after.output.contains("predicted by this-machine: step"), "\(after.output)")
                let json = try await sandbox.epsim("run", "tiny.yaml", "--json", environment: environment)
                #expect(json.output.contains("\"hardware\" : \"this-machine\""))
                let split = ["--set", "run.overlap=two-batch"]
                let none = try await sandbox.epsim(
                    "run",
                    "tiny.yaml",
                    split[0],
                    split[1],
                    "--json",
                    environment: environment
                )
                #expect(none.output.contains("does not cover two micro-batches"), "\(none.errors)")
                try await score(sandbox, environment)
            }
        }

        private func score(_ sandbox: Sandbox, _ environment: [String: String]) async throws {
            sandbox.expect("scored")
            let folder = "\(sandbox.work)/scored"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            try Sandbox.tiny.write(toFile: "\(folder)/one.yaml", atomically: true, encoding: .utf8)
            let result = try await sandbox.epsim("calibrate", "--score", "scored", environment: environment)
            #expect(result.code == 0, "\(result.errors)")
            #expect(result.output.contains("1 configurations: median error"))
        }

        @Test func runsEndWithTheirCalibration() async throws {
            try await Sandbox.use { sandbox in
                sandbox.expect("scored")
                let folder = "\(sandbox.work)/scored"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
                let long = Sandbox.tiny.replacing("steps: 5", with: "steps: 100000")
                try long.write(toFile: "\(folder)/one.yaml", atomically: true, encoding: .utf8)
                let process = try sandbox.start(["calibrate", "--score", "scored"])
                #expect(try await holds(within: 20) { sandbox.workers.count == 2 })
                process.send(signal: SIGKILL)
                #expect(try await process.finish(within: 5).code == 128 + SIGKILL)
                #expect(try await holds(within: 10) { sandbox.processes.isEmpty })
                // Nobody was left to remove it.
                let temporary = "\(sandbox.path)/tmp"
                for name in try FileManager.default.contentsOfDirectory(atPath: temporary) {
                    try FileManager.default.removeItem(atPath: "\(temporary)/\(name)")
                }
            }
        }

        @Test func wrongUseIsSaid() async throws {
            try await Sandbox.use { sandbox in
                let both = try await sandbox.epsim("calibrate", "--score", "x", "--quick")
                #expect(both.code == 64)
                #expect(both.errors.contains("leave out --quick and --out"))
                let json = try await sandbox.epsim("calibrate", "--json")
                #expect(json.errors.contains("--json goes with --score"))
                let missing = try await sandbox.epsim("calibrate", "--score", "nowhere")
                #expect(missing.code == 78)
                #expect(missing.errors.contains("no such folder, allowed: a folder with configurations"))
            }
        }
    }
}
