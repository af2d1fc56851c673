import Foundation
import TestSupport
import Testing

extension RealProcesses {
    @Suite("epsim init, as a person sees it")
    struct InitTests {
        private let models = ["EPSIM_CATALOGUE": packageFolder("configs/models")]

        @Test func theDefaultsRun() async throws {
            try await Sandbox.use { sandbox in
                sandbox.expect("epsim.yaml")
                let result = try await sandbox.epsim("init", "--steps", "3")
                #expect(result.code == 0 && result.output == "epsim.yaml is written; 'epsim run epsim.yaml' runs it\n")
                let shown = try await sandbox.epsim("config", "show", "epsim.yaml")
                #expect(shown.code == 0 && shown.output.contains("epsim.yaml:"))
                let run = try await sandbox.epsim("run", "epsim.yaml", "--quiet")
                #expect(run.code == 0, "\(run.errors)")
            }
        }

        @Test func aModelOfTheCatalogueRuns() async throws {
            try await Sandbox.use { sandbox in
                sandbox.expect("big.yaml")
                let arguments = ["init", "big.yaml", "--model", "deepseek-v3", "--workers", "2", "--tokens", "64"]
                let result = try await sandbox.start(arguments + ["--steps", "1"], environment: models).finish()
                #expect(result.code == 0, "\(result.errors)")
                let run = try sandbox.start(["run", "big.yaml", "--set", "run.warmup=0"], environment: models)
                let finished = try await run.finish(within: 60)
                #expect(finished.code == 0 && finished.output.contains("router: deepseek-v3"), "\(finished.errors)")
            }
        }

        @Test func aFileIsReplacedByForceAlone() async throws {
            try await Sandbox.use { sandbox in
                let before = try String(contentsOfFile: "\(sandbox.work)/tiny.yaml", encoding: .utf8)
                let refused = try await sandbox.epsim("init", "tiny.yaml", "--workers", "2")
                #expect(refused.code == 1 && refused.errors == "epsim: tiny.yaml exists, and --force replaces it\n")
                #expect(try String(contentsOfFile: "\(sandbox.work)/tiny.yaml", encoding: .utf8) == before)
                #expect(try await sandbox.epsim("init", "tiny.yaml", "--workers", "2", "--force").code == 0)
                let after = try String(contentsOfFile: "\(sandbox.work)/tiny.yaml", encoding: .utf8)
                #expect(after.contains("\n  workers: 2\n"))
            }
        }

        @Test func wrongChoicesWriteNothing() async throws {
            try await Sandbox.use { sandbox in
                let wrong = try await sandbox.epsim("init", "--workers", "99", "--router", "mixtrl")
                #expect(wrong.code == 78 && wrong.errors.contains("flag --router: router.kind: found \"mixtrl\""))
                let noKey = try await sandbox.epsim("init", "--set", "workers")
                #expect(noKey.code == 78 && noKey.errors.contains("flag --set: found \"workers\""))
                let noFolder = try await sandbox.epsim("init", "none/epsim.yaml")
                #expect(noFolder.code == 1 && noFolder.errors.contains("none/epsim.yaml"))
                #expect(try await sandbox.epsim("init", "--model", "a", "--system", "b").code == 64)
            }
        }

        @Test func itAsksOnATerminal() async throws {
            try await Sandbox.use { sandbox in
                sandbox.expect("epsim.yaml")
                let process = try sandbox.start(["init"], isOnTerminal: true, isTypedAt: true)
                #expect(try await holds(within: 10) { process.shown.contains("[none]") })
                process.type("\nfour\n2\n64\n\n3\n")
                let result = try await process.finish()
                #expect(result.code == 0 && result.errors.contains("found \"four\""), "\(result.errors)")
                let text = try String(contentsOfFile: "\(sandbox.work)/epsim.yaml", encoding: .utf8)
                #expect(text.contains("\n  workers: 2\n") && text.contains("\n  tokens: 64\n"))
            }
        }

        @Test func answersThatEndWriteNothing() async throws {
            try await Sandbox.use { sandbox in
                let process = try sandbox.start(["init"], isOnTerminal: true, isTypedAt: true)
                #expect(try await holds(within: 10) { process.shown.contains("[none]") })
                process.type("\n\u{04}")
                let result = try await process.finish()
                #expect(result.code == 1 && result.errors.contains("epsim.yaml is not written"))
            }
        }
    }
}
