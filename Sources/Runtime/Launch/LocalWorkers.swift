internal import Foundation
internal import Logging
public import Transport

/// Worker processes of this machine that live and die with this process.
public final class LocalWorkers: WorkerMonitor {
    /// How long a worker may take to end after it was told to.
    private static let gracePeriod = 2.0

    private let processes: [Process]
    private let logs: [String]
    private var reported: Set<Int> = []

    /// Starts one worker per rank.
    ///
    /// - Parameters:
    ///   - executable: path of the epsim program.
    ///   - count: number of workers.
    ///   - endpoint: where they dial.
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
            let command = WorkerCommand(
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
        end()
    }

    /// Process ids, by rank.
    public var processIDs: [Int32] { processes.map(\.processIdentifier) }

    /// Waits for every worker to end, and kills those that do not within two seconds.
    public func end() {
        let deadline = Date(timeIntervalSinceNow: Self.gracePeriod)
        while processes.contains(where: \.isRunning), Date() < deadline { Thread.sleep(forTimeInterval: 0.005) }
        for process in processes where process.isRunning {
            // SIGKILL also ends a process that is stopped.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    func exits() -> [(rank: Int, how: String)] {
        processes.indices.filter { !processes[$0].isRunning && reported.insert($0).inserted }
            .map { ($0, how(processes[$0], log: logs[$0])) }
    }

    private func how(_ process: Process, log: String) -> String {
        let status = process.terminationStatus
        if process.terminationReason == .uncaughtSignal { return "was killed by signal \(status) (log: \(log))" }
        let words = (try? String(contentsOfFile: log, encoding: .utf8))?.split(separator: "\n").last.map { ": \($0)" }
        return "ended with exit code \(status)\(words ?? "") (log: \(log))"
    }
}
