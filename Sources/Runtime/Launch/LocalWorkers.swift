public import Basics
internal import Foundation
internal import Logging

/// Worker processes of this machine that live and die with this process.
public final class LocalWorkers: WorkerMonitor {
    /// The longest wait for killed processes to end, in seconds.
    private static let killPeriod = 1.0

    private let processes: [Process]
    private let logs: [String]
    private var reported: Set<Int> = []

    /// Start one worker per rank.
    ///
    /// - Parameters:
    ///   - executable: path of the epsim program.
    ///   - count: number of workers.
    ///   - endpoint: the endpoint that the workers dial.
    ///   - keyFile: CURVE keys, if the endpoint wants them.
    ///   - logDirectory: an existing folder; each worker's standard error goes to `worker-<rank>.log` there.
    public init(
        executable: String,
        count: Int,
        endpoint: Endpoint,
        keyFile: String?,
        logDirectory: String
    ) throws(RuntimeError) {
        var processes: [Process] = []
        var logs: [String] = []
        for rank in 0..<count {
            let log = "\(logDirectory)/worker-\(rank).log"
            let command = WorkerLaunch(
                endpoint: endpoint,
                rank: rank,
                keyFile: keyFile,
                lifetime: .parent(ProcessInfo.processInfo.processIdentifier)
            )
            do {
                processes.append(try command.start(executable: executable, log: log))
            } catch {
                for process in processes { kill(process.processIdentifier, SIGKILL) }
                throw error
            }
            logs.append(log)
        }
        self.processes = processes
        self.logs = logs
    }

    deinit {
        end(within: 0)
    }

    /// Process ids, by rank.
    public var processIDs: [Int32] { processes.map(\.processIdentifier) }

    /// Wait for every worker to end, and kill those that do not within `seconds`.
    public func end(within seconds: Double) {
        waitForEnd(seconds)
        // SIGKILL also ends a process that is stopped.
        for process in processes where process.isRunning { kill(process.processIdentifier, SIGKILL) }
        waitForEnd(Self.killPeriod)
    }

    private func waitForEnd(_ seconds: Double) {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while processes.contains(where: \.isRunning), Date() < deadline { Thread.sleep(forTimeInterval: 0.005) }
    }

    func exits() -> [(rank: Int, how: String)] {
        processes.indices.filter { !processes[$0].isRunning && reported.insert($0).inserted }
            .map { ($0, how(processes[$0], log: logs[$0])) }
    }

    /// The reason for a worker's end, by its log: the last error line (`epsim worker: …`), or the last lines of a
    /// worker that crashed. Log lines of level info are left out.
    private func lastWords(_ log: String) -> String {
        let text = LogTail.text(of: log)
        let lines = text.split(separator: "\n").filter { !$0.contains(" info epsim worker ") }
        if let line = lines.last(where: { $0.hasPrefix("epsim worker: ") }) {
            return ": " + line.dropFirst("epsim worker: ".count)
        }
        return LogTail.words(lines)
    }

    private func how(_ process: Process, log: String) -> String {
        let status = process.terminationStatus
        let end = process.terminationReason == .uncaughtSignal ? "was killed by signal" : "ended with exit code"
        return "\(end) \(status)\(lastWords(log)) (log: \(log))"
    }
}

/// A watch on the worker processes of this machine that tells which have ended.
protocol WorkerMonitor {
    /// The workers that have ended since the last call, each with a description of its end for a person.
    func exits() -> [(rank: Int, how: String)]
}

/// The end of a log, cut to a length that fits an error.
enum LogTail {
    private static let lines = 3
    private static let width = 300
    /// The most bytes of a log's end that are read.
    static let bytes = 16 << 10

    /// The text at the end of a file; nothing where it cannot be read.
    static func text(of path: String) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? file.close() }
        guard let end = try? file.seekToEnd() else { return "" }
        try? file.seek(toOffset: end > UInt64(bytes) ? end - UInt64(bytes) : 0)
        return String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    }

    /// The last lines, to stand behind a sentence; nothing where there are none.
    static func words(_ lines: [Substring]) -> String {
        guard !lines.isEmpty else { return "" }
        return ": " + lines.suffix(Self.lines).map { String($0.prefix(width)) }.joined(separator: " | ")
    }
}
