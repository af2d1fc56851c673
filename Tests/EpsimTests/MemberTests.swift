import Cluster
import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// A worker that joins and then breaks the protocol ends the run; the coordinator never crashes and never waits
    /// beyond its deadlines.
    @Suite struct MemberTests {
        private static let member = "worker 0 (pid \(FakeWorker.pid) on elsewhere)"

        /// Runs a coordinator with one fake worker that answers by `script`.
        private func run(
            _ sandbox: Sandbox,
            _ settings: [String] = [],
            script: @escaping FakeWorker.Script
        ) async throws -> RunRecord {
            let endpoint = "ipc://@et-\(UInt32.random(in: 0...UInt32.max))"
            let out = sandbox.freshOut()
            let process = try sandbox.start(
                ["coordinator", "tiny.yaml", "--bind", endpoint, "--out", out, "--quiet", "--workers", "1"]
                    + ["--set", "cluster.heartbeat_seconds=0.1"] + settings
            )
            let worker = try FakeWorker(endpoint: endpoint, script: script)
            defer { worker.stop() }
            return try RunRecord(try await process.finish(within: 15), out: out)
        }

        private func expectFailure(
            _ words: String,
            settings: [String] = [],
            location: SourceLocation = #_sourceLocation,
            script: @escaping FakeWorker.Script
        ) async throws {
            try await Sandbox.use(location: location) { sandbox in
                let run = try await run(sandbox, settings, script: script)
                #expect(run.result.code == 1, sourceLocation: location)
                #expect(run.status == "failed", sourceLocation: location)
                #expect(run.result.messages.count == 1, "\(run.result.messages)", sourceLocation: location)
                let line = run.result.messages.last ?? ""
                #expect(line.hasPrefix("epsim: ") && line.contains(words), "\(line)", sourceLocation: location)
                #expect(line.contains(Self.member), "\(line)", sourceLocation: location)
            }
        }

        @Test func honestAnswersMakeARun() async throws {
            try await Sandbox.use { sandbox in
                let run = try await run(sandbox, script: HonestAnswers.all)
                #expect(run.isSound, "\(run.result.errors) \(run.report.strings("reasons"))")
                #expect(run.report.elements("run.workers").first?.string("host") == "elsewhere")
                #expect((run.report.elements("run.workers").first?.number("clock_uncertainty_seconds") ?? 0) > 0)
            }
        }

        @Test func wrongOutputsFailAVerifiedRun() async throws {
            try await Sandbox.use { sandbox in
                let run = try await run(sandbox, ["--verify"], script: HonestAnswers.all)
                #expect(run.result.code == 1)
                #expect(run.status == "failed")
                #expect(run.report.number("verification.wrong_tokens") == 240)
                #expect(run.report.number("verification.checked_tokens") == 240)
                #expect(run.result.messages.last == "epsim: 240 of 240 tokens are wrong")
            }
        }

        @Test func outputsThatAreNoNumbersAreWrong() async throws {
            try await Sandbox.use { sandbox in
                let run = try await run(sandbox, ["--verify"]) { envelope in
                    envelope.kind == .dispatch
                        ? [HonestAnswers.result(envelope, byte: 0xFF)] : try HonestAnswers.all(envelope)
                }
                #expect(run.result.code == 1)
                #expect(run.status == "failed")
            }
        }

        /// The connection closes right behind the notice, while loading and while computing.
        @Test(arguments: [MessageKind.assign, .dispatch])
        func reasonIsHeardThoughTheConnectionCloses(kind: MessageKind) async throws {
            try await expectFailure("ran out of luck") { envelope in
                envelope.kind == kind
                    ? [try HonestAnswers.lastWords(envelope, "ran out of luck")] : try HonestAnswers.all(envelope)
            }
        }

        /// A worker says what its products run on, and the report that two do not have the same.
        @Test func differentProcessorsAreNamed() async throws {
            try await Sandbox.use { sandbox in
                let endpoint = "ipc://@et-\(UInt32.random(in: 0...UInt32.max))"
                let out = sandbox.freshOut()
                let process = try sandbox.start(
                    ["coordinator", "tiny.yaml", "--bind", endpoint, "--out", out, "--quiet", "--workers", "2"]
                )
                let fake = try FakeWorker(endpoint: endpoint, rank: 0, script: HonestAnswers.all)
                defer { fake.stop() }
                let real = try sandbox.start(["worker", "--connect", endpoint, "--rank", "1"])
                let run = try RunRecord(try await process.finish(within: 20), out: out)
                _ = try await real.finish(within: 10)
                let note = run.report.strings("warnings").first { $0.contains("different processors") }
                #expect(note?.contains("a processor") == true, "\(run.report.strings("warnings"))")
            }
        }

        @Test func garbageIsNamed() async throws {
            try await expectFailure("sent an envelope of 3 bytes; it has 120") { envelope in
                envelope.kind == .dispatch
                    ? [FakeWorker.Reply(head: [1, 2, 3])] : try HonestAnswers.all(envelope)
            }
            try await expectFailure("not an epsim message") { envelope in
                envelope.kind == .dispatch
                    ? [FakeWorker.Reply(head: [UInt8](repeating: 7, count: 120))] : try HonestAnswers.all(envelope)
            }
        }

        @Test func payloadOfAnotherSizeThanAnnouncedIsNamed() async throws {
            try await expectFailure("bytes where") { envelope in
                guard envelope.kind == .dispatch else { return try HonestAnswers.all(envelope) }
                var reply = HonestAnswers.result(envelope)
                reply.payload?.removeLast()
                return [reply]
            }
        }

        @Test func wrongNumberOfRowsIsNamed() async throws {
            try await expectFailure("rows, ") { envelope in
                guard envelope.kind == .dispatch else { return try HonestAnswers.all(envelope) }
                var less = envelope
                less.rows -= 1
                return [HonestAnswers.result(less)]
            }
        }

        @Test func resultOfAChunkThatWasNeverGivenIsNamed() async throws {
            try await expectFailure("sent the result of a chunk 77 that it was never given") { envelope in
                guard envelope.kind == .dispatch else { return try HonestAnswers.all(envelope) }
                var other = envelope
                other.chunk = 77
                return [HonestAnswers.result(other)]
            }
        }

        @Test func messageOfACoordinatorIsNamed() async throws {
            try await expectFailure("sent a message of kind assign, which only a coordinator sends") { envelope in
                envelope.kind == .dispatch
                    ? [FakeWorker.Reply(HonestAnswers.answer(envelope, .assign))] : try HonestAnswers.all(envelope)
            }
        }

        @Test func readyThatIsNoJSONIsNamed() async throws {
            try await expectFailure("sent a control payload that is no Ready") { envelope in
                envelope.kind == .assign
                    ? [FakeWorker.Reply(HonestAnswers.answer(envelope, .ready), payload: [0xFF])]
                    : try HonestAnswers.all(envelope)
            }
        }

        @Test func workerThatGivesUpIsQuotedInOneLine() async throws {
            let reason = try ControlCoding.encode(Notice(reason: "no memory\nleft \u{1B}[2J here"))
            try await expectFailure("gave up: no memory?left ?[2J here; mend the cause") { envelope in
                envelope.kind == .dispatch
                    ? [FakeWorker.Reply(HonestAnswers.answer(envelope, .failed), payload: reason)]
                    : try HonestAnswers.all(envelope)
            }
        }

        @Test func silentWorkerIsNamed() async throws {
            try await expectFailure("does not answer: no heartbeat for 0.4 s; check whether") { _ in [] }
        }

        @Test func workerThatNeverBecomesReadyIsNamed() async throws {
            let words = "0 of 1 workers were ready after 0.5 s; missing: \(Self.member)"
            try await expectFailure(words, settings: ["--set", "cluster.start_seconds=0.5"]) { envelope in
                envelope.kind == .ping ? try HonestAnswers.all(envelope) : []
            }
        }

        @Test func workerThatKeepsABatchIsNamed() async throws {
            let words = "did not return layer 0 of step 0 (warm-up counted) within 0.3 s"
            try await expectFailure(words, settings: ["--set", "cluster.layer_seconds=0.3"]) { envelope in
                envelope.kind == .dispatch ? [] : try HonestAnswers.all(envelope)
            }
        }

        @Test func absurdStampsDoNoHarm() async throws {
            try await Sandbox.use { sandbox in
                let run = try await run(sandbox) { envelope in
                    try HonestAnswers.all(envelope).map { reply in
                        var answer = try Envelope(decoding: reply.head)
                        answer.stamps = SIMD4(.min, .max, .min, .max)
                        return FakeWorker.Reply(answer, payload: reply.payload)
                    }
                }
                #expect(run.result.code == 0, "\(run.result.errors)")
                #expect(run.report.number("steps") == 5)
            }
        }

        @Test func repeatedAndStaleAnswersDoNoHarm() async throws {
            try await Sandbox.use { sandbox in
                let run = try await run(sandbox) { envelope in
                    try HonestAnswers.all(envelope).flatMap { reply in
                        var stale = try Envelope(decoding: reply.head)
                        stale.epoch &+= 1
                        return [FakeWorker.Reply(stale, payload: reply.payload), reply, reply]
                    }
                }
                #expect(run.isSound, "\(run.result.errors)")
            }
        }

        @Test func workerThatIgnoresTheEndDelaysItOnlyBriefly() async throws {
            try await Sandbox.use { sandbox in
                let run = try await run(sandbox) { envelope in
                    envelope.kind == .release ? [] : try HonestAnswers.all(envelope)
                }
                #expect(run.isSound)
            }
        }
    }
}
