public import Cluster
internal import Foundation
internal import Logging
internal import Transport

/// Worker processes of this machine that live and die with this process.
public final class LocalWorkers: WorkerMonitor {
    /// Seconds until a killed process must be gone.
    private static let killPeriod = 1.0

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
        end(within: 0)
    }

    /// Process ids, by rank.
    public var processIDs: [Int32] { processes.map(\.processIdentifier) }

    /// Waits for every worker to end, and kills those that do not within `seconds`.
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

    /// The last error that a worker wrote, which begins with the name of the command.
    private func lastWords(_ log: String) -> String {
        let lines = (try? String(contentsOfFile: log, encoding: .utf8))?.split(separator: "\n") ?? []
        guard let line = lines.last(where: { $0.hasPrefix("epsim worker: ") }) else { return "" }
        return ": " + line.dropFirst("epsim worker: ".count)
    }

    private func how(_ process: Process, log: String) -> String {
        let status = process.terminationStatus
        if process.terminationReason == .uncaughtSignal { return "was killed by signal \(status) (log: \(log))" }
        return "ended with exit code \(status)\(lastWords(log)) (log: \(log))"
    }
}
