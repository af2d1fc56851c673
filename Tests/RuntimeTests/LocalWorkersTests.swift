import Configuration
import Foundation
import Records
import TestSupport
import Testing

@testable import Runtime

/// Worker processes that do not do their part. Programs of the system stand for a broken one.
@Suite(.serialized) struct LocalWorkersTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func workers(_ executable: String, count: Int = 1) throws -> LocalWorkers {
        try LocalWorkers(
            executable: executable,
            count: count,
            endpoint: try freshEndpoint(),
            keyFile: nil,
            logDirectory: folder.path
        )
    }

    /// How a run over such workers ends.
    private func failure(_ executable: String) async throws -> String? {
        let configuration = smallConfiguration()
        let path = folder.path
        let outcome = try await InProcessRun.onThread {
            let session = try Session(
                plan: configuration,
                options: SessionOptions(),
                interrupt: Interrupt(),
                log: InProcessRun.silent
            )
            let listener = try session.listen(try freshEndpoint(), keys: nil)
            let workers = try LocalWorkers(
                executable: executable,
                count: 2,
                endpoint: listener.endpoint,
                keyFile: nil,
                logDirectory: path
            )
            let outcome = session.run(listener, workers: workers, progress: { _ in })
            #expect(workers.processIDs.allSatisfy { !isRunning($0) })
            return outcome
        }
        guard case .failed(let reason) = outcome.end else { return nil }
        return reason
    }

    @Test func programThatIsNotThereIsNamed() throws {
        #expect {
            try workers("/none/epsim")
        } throws: { error in
            guard case .local(let text)? = error as? RuntimeError else { return false }
            return text.hasPrefix("worker 0 cannot be started from /none/epsim: ")
        }
    }

    @Test func logThatCannotBeWrittenIsNamed() throws {
        #expect(throws: RuntimeError.local("cannot write the log of worker 0 to /none/worker-0.log")) {
            try LocalWorkers(
                executable: "/bin/true",
                count: 1,
                endpoint: try freshEndpoint(),
                keyFile: nil,
                logDirectory: "/none"
            )
        }
    }

    @Test func workerThatEndsAtOnceFailsTheRun() async throws {
        let script = try folder.script("echo 'epsim worker: no luck today' >&2; exec sh -c 'exit 3'")
        let reason = try #require(try await failure(script))
        #expect(reason.hasPrefix("worker "))
        #expect(reason.contains("ended with exit code 3: no luck today (log: \(folder.path)/worker-"))
        #expect(reason.hasSuffix("see its log, or start the run again"))
    }

    @Test func workerKilledByASignalFailsTheRun() async throws {
        let reason = try #require(try await failure(try folder.script("kill -9 $$")))
        #expect(reason.contains("was killed by signal 9 (log: \(folder.path)/worker-"))
    }

    @Test func workersThatDoNotEndAreKilled() throws {
        let workers = try workers(try folder.script("trap '' TERM INT; exec sleep 60"), count: 2)
        #expect(workers.processIDs.allSatisfy(isRunning))
        workers.end(within: 0.05)
        #expect(!workers.processIDs.contains(where: isRunning))
    }

    @Test func workersEndWithTheirOwner() throws {
        let script = try folder.script("exec sleep 60")
        func ids() throws -> [Int32] { try workers(script, count: 2).processIDs }
        let ended = try ids()
        #expect(ended.count == 2 && !ended.contains(where: isRunning))
    }

    @Test func eachExitIsToldOnce() async throws {
        let workers = try workers("/bin/true", count: 2)
        var exits: [Int] = []
        let deadline = ContinuousClock.now + .seconds(10)
        while exits.count < 2, ContinuousClock.now < deadline {
            exits += workers.exits().map(\.rank)
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(exits.sorted() == [0, 1])
        #expect(workers.exits().isEmpty)
    }
}

/// Whether a process exists and has not ended.
private func isRunning(_ pid: Int32) -> Bool {
    guard let status = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return false }
    return String(decoding: status, as: UTF8.self).split(separator: ")").last?.hasPrefix(" Z") == false
}
