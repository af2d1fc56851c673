import Foundation
import MoE
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Runtime

/// What programs that route do to epsim, and what it says of them.
@Suite struct RouterProcessTests {
    /// A router whose program is a shell script or, given `python`, a Python program, with its process.
    private final class Running {
        private let folder: TemporaryFolder
        private(set) var router: any Router
        let process: RouterProcess

        init(_ script: String, python: Bool = false, seconds: Double = 10, interrupt: Interrupt? = nil) throws {
            folder = try TemporaryFolder()
            let file = try folder.write(script + "\n", as: "program")
            let program = python ? "python3" : "/bin/sh"
            router = CommandRouter(command: [program, file], topK: 2, seconds: seconds)
            process = try #require(try RouterProcess.start(for: &router, interrupt: interrupt))
        }

        func path(_ name: String) -> String { folder.path(name) }

        func route(tokens: Int = 4, step: Int = 0) throws -> Routing {
            let batch = RouterProcessTests.batch(tokens: tokens, step: step)
            var state = RouterState()
            return try router.route(batch, state: &state)
        }

        /// What epsim says of the program, behind its command.
        func trouble(tokens: Int = 4, step: Int = 0) -> String {
            let begin = "(router.command): "
            do {
                _ = try route(tokens: tokens, step: step)
                return "no trouble"
            } catch {
                let text = "\(error)"
                return text.range(of: begin).map { String(text[$0.upperBound...]) } ?? text
            }
        }

        /// Whether the process whose id the script wrote to the file `pid` of its folder is gone, not left as a zombie.
        func isGone() throws -> Bool {
            let text = try String(contentsOfFile: path("pid"), encoding: .utf8)
            return kill(try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))), 0) != 0
        }
    }

    private static func batch(tokens: Int, step: Int) -> RouterBatch {
        var logits = Matrix(rows: tokens, columns: 8)
        CounterRandom(seed: 3, purpose: .test, step).fill(&logits.values, bound: 3)
        return RouterBatch(
            tokens: tokens,
            experts: 8,
            projections: [logits],
            step: step,
            random: CounterRandom(seed: 1, purpose: .routerNoise, step)
        )
    }

    /// The documented router with some text in place of another.
    private static func documented(_ text: String = "", with other: String = "") throws -> String {
        let program = try DocumentedRouter.text()
        guard !text.isEmpty else { return program }
        try #require(program.contains(text))
        return program.replacing(text, with: other)
    }

    @Test(
        "the router of the article chooses and weighs as softmax-top-k does",
        .enabled(if: DocumentedRouter.isRunnable)
    )
    func documented() async throws {
        try await InProcessRun.onThread {
            let running = try Running(try Self.documented(), python: true)
            let rule = try RouterCatalogue.router(named: "softmax-top-k", options: RouterOptions())
            for step in 0..<20 {
                var state = RouterState()
                let expected = try rule.route(Self.batch(tokens: 300, step: step), state: &state).plan
                #expect(try running.route(tokens: 300, step: step).plan == expected)
            }
            #expect(try running.process.end() == nil)
        }
    }

    @Test(
        "programs that do not answer",
        arguments: [
            ("echo oops >&2; exit 3", "it ended with exit code 3 instead of answering: oops"),
            ("exit 0", "it ended with exit code 0 instead of answering"),
            ("kill -9 $$", "it was killed by signal 9 instead of answering"),
            ("exec 1>&-; sleep 60", "it closed its standard output instead of answering"),
            ("printf epsim; exit 4", "it ended with exit code 4 after 5 bytes of an answer"),
            ("echo Hello", #"an answer begins with "epsimans", but it wrote "Hello\n""#),
            ("yes", #"an answer begins with "epsimans", but it wrote "y\ny\n"#),
            ("cat /dev/zero", #"an answer begins with "epsimans", but it wrote "\0\0"#),
            ("cat", #"an answer begins with "epsimans", but it wrote "epsimreq"#),
        ]
    )
    func silence(script: String, says: String) async throws {
        try await InProcessRun.onThread {
            let running = try Running("echo $$ > \"$(dirname \"$0\")/pid\"\n" + script)
            let trouble = running.trouble()
            #expect(trouble.hasPrefix(says), "\(trouble)")
            #expect(try running.isGone())
            #expect(running.trouble() == trouble, "another question has the same error")
            #expect(try running.process.end() == nil)
        }
    }

    @Test(
        "programs that hang",
        arguments: [
            ("cat > /dev/null", 4, "it wrote 0 of the 88 bytes of its answer within 0.4 s (router.command_seconds)"),
            (
                "echo busy >&2; sleep 60", 4,
                "it wrote 0 of the 88 bytes of its answer within 0.4 s (router.command_seconds): busy"
            ),
            ("sleep 60", 40_000, "it read 65536 of 1280048 bytes at most within 0.4 s (router.command_seconds)"),
            ("exec 0<&-; sleep 60", 40_000, "it wrote 0 of the 640024 bytes of its answer within 0.4 s"),
            ("sleep 60 & exit 3", 4, "it wrote 0 of the 88 bytes of its answer within 0.4 s"),
        ]
    )
    func hanging(script: String, tokens: Int, says: String) async throws {
        try await InProcessRun.onThread {
            let running = try Running("echo $$ > \"$(dirname \"$0\")/pid\"\n" + script, seconds: 0.4)
            let begin = ContinuousClock.now
            let trouble = running.trouble(tokens: tokens)
            #expect(trouble.hasPrefix(says), "\(trouble)")
            #expect(ContinuousClock.now - begin < .seconds(3))
            #expect(try running.isGone())
        }
    }

    @Test(
        "answers that are wrong",
        .enabled(if: DocumentedRouter.isRunnable),
        arguments: [
            ("answer + chosen", "answer + chosen.tobytes() + chosen", "it wrote more than the 88 bytes of its answer"),
            ("weights.tobytes())", "weights.tobytes() * 10**6)", "it wrote more than the 88 bytes of its answer"),
            ("answer + chosen.tobytes()", "answer", "it wrote 56 of the 88 bytes of its answer within 5 s"),
            ("(best)", "([99] * k)", "token 0 chose expert 99; allowed are 0 to 7, and -1 for no choice"),
            ("(best)", "([best[0]] * k)", "token 0 chose expert "),
            ("(shares)", "([math.nan] * k)", "token 0 has weight nan; it must be finite"),
            ("tokens, k)", "tokens, 3)", "it answers with 3 choices per token; allowed are 2"),
            ("step, layer, tokens, k)", "step + 1, layer, tokens, k)", "it answers for step 1 and layer 0"),
            (
                "    answer =", "    print('Good morning', flush=True)\n    answer =",
                "an answer begins with \"epsimans\", but it wrote \"Good"
            ),
            ("    answer =", "    1 / 0\n    answer =", "it ended with exit code 1 instead of answering: "),
        ]
    )
    func wrong(text: String, other: String, says: String) async throws {
        try await InProcessRun.onThread {
            let running = try Running(try Self.documented(text, with: other), python: true, seconds: 5)
            let trouble = running.trouble()
            #expect(trouble.hasPrefix(says), "\(trouble)")
            if other.contains("1 / 0") { #expect(trouble.hasSuffix("ZeroDivisionError: division by zero")) }
        }
    }

    @Test("what comes before a question, or behind the last answer", .enabled(if: DocumentedRouter.isRunnable))
    func surplus() async throws {
        let late = "\n    __import__('time').sleep(0.1)\n    print('Good morning', flush=True)"
        let program = try Self.documented("    sys.stdout.buffer.flush()", with: "    sys.stdout.buffer.flush()" + late)
        try await InProcessRun.onThread {
            let running = try Running(program, python: true)
            _ = try running.route()
            Thread.sleep(forTimeInterval: 0.5)
            #expect(running.trouble(step: 1) == "it wrote more than its last answer: \"Good morning\\n\"")

            let other = try Running(program, python: true)
            _ = try other.route()
            let said = "the program of router.command wrote 13 bytes more than its answers"
            #expect(throws: RuntimeError.local(said)) { try other.process.end() }
        }
    }

    @Test("messages block nobody, and a log of them is bounded", .enabled(if: DocumentedRouter.isRunnable))
    func messages() async throws {
        let flood = "    print('x' * 3_000_000, file=sys.stderr, flush=True)\n    answer ="
        let program = try Self.documented("    answer =", with: flood)
        try await InProcessRun.onThread {
            let running = try Running(program, python: true)
            try running.process.keepLog(at: running.path("log"))
            _ = try running.route()
            #expect(try running.process.end() == nil)
            let log = try String(contentsOfFile: running.path("log"), encoding: .utf8)
            #expect(log.hasPrefix("xxxx") && log.hasSuffix("\n(epsim keeps no more than 1048576 bytes)\n"))
            #expect(log.utf8.count < 1_048_576 + 100)
        }
    }

    @Test("the end of the input ends a program, well or not")
    func ends() async throws {
        let mark = "echo $$ > \"$(dirname \"$0\")/pid\"\n"
        let scripts = [
            ("cat > /dev/null", nil),
            ("cat > /dev/null; echo bye >&2; exit 7", "the program of router.command ended with exit code 7: bye"),
            (
                "trap '' TERM HUP; sleep 60",
                "the program of router.command did not end within 2.0 s of the end of its input, and was killed"
            ),
        ]
        for (script, note) in scripts {
            try await InProcessRun.onThread {
                let running = try Running(mark + script)
                Thread.sleep(forTimeInterval: 0.2)
                #expect(try running.process.end() == note)
                #expect(try running.isGone())
            }
        }
        try await InProcessRun.onThread {
            var running: Running? = try Running(mark + "sleep 60")
            Thread.sleep(forTimeInterval: 0.2)
            let pid = try String(contentsOfFile: try #require(running).path("pid"), encoding: .utf8)
            running = nil
            #expect(kill(try #require(Int32(pid.dropLast())), 0) != 0, "a router that is gone takes its program along")
        }
    }

    @Test("an interrupt ends the wait for an answer")
    func interrupted() async throws {
        try await InProcessRun.onThread {
            let interrupt = Interrupt()
            let running = try Running("sleep 60", seconds: 20, interrupt: interrupt)
            Thread.detachNewThread {
                Thread.sleep(forTimeInterval: 0.2)
                interrupt.raise()
            }
            let begin = ContinuousClock.now
            #expect(running.trouble() == "the user ended the run")
            #expect(ContinuousClock.now - begin < .seconds(5))
        }
    }

    @Test("programs that cannot be started")
    func missing() async throws {
        let folder = try TemporaryFolder()
        let plain = try folder.write("text", as: "plain")
        let format = try folder.write("not a program", as: "format")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: format)
        let allowed = "allowed: a program in PATH, or the path of one from the working directory"
        let cases = [
            ("no-such-program", "router.command: found \"no-such-program\", \(allowed)"),
            ("./no-such-program", "router.command: found \"./no-such-program\", \(allowed)"),
            (plain, "router.command: found \"\(plain)\", \(allowed)"),
            (folder.path, "router.command: found \"\(folder.path)\", \(allowed)"),
            (format, "router.command: \"\(format)\" cannot be started: "),
        ]
        for (name, says) in cases {
            try await InProcessRun.onThread {
                var router: any Router = CommandRouter(command: [name])
                let error = try #require(throws: RuntimeError.self) {
                    try RouterProcess.start(for: &router, interrupt: nil)
                }
                guard case .configuration(let text) = error else { throw error }
                #expect(text.hasPrefix(says), "\(text)")
            }
        }
        extendLifetime(folder)
    }

    @Test("a router without a program starts none")
    func others() throws {
        var router: any Router = TopKRouter(rule: TopKRule(topK: 2))
        #expect(try RouterProcess.start(for: &router, interrupt: nil) == nil)
    }
}
