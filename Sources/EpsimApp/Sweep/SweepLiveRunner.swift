import Settings
import Basics
import Foundation
import Reports
import Runtime
import Sweeps

/// The runner that starts `epsim run` in a process of its own for each point, so that a crash does not end the sweep.
struct SweepLiveRunner: PointRunner {
    /// The time between two requests to end, and until a process that ignores them is killed, in seconds. A run ends at
    /// once at the third request.
    private static let requestPeriod = 2.0
    private static let patience = 10.0
    /// The name of the file with a run's standard error, in the folder of the point.
    private static let messages = "stderr.txt"

    /// The path of the epsim program.
    let executable: String
    /// The path of the configuration that every point starts from.
    let config: String
    /// The interrupt that is raised when the sweep is to end.
    let interrupt: Interrupt
    /// The function to call every 10 ms while a run is under way.
    let tick: () -> Void

    func run(_ point: SweepPoint, in folder: String) throws(PointInterruption) -> PointOutcome {
        let process: Process
        do {
            process = try start(point, in: folder)
        } catch {
            return PointOutcome(failure: "epsim run cannot be started: \(error.localizedDescription)")
        }
        wait(for: process)
        if interrupt.isRaised { throw PointInterruption() }
        do {
            try flatten(folder)
        } catch {
            return PointOutcome(failure: "its run folder cannot be moved: \(error.localizedDescription)")
        }
        if let failure = failure(of: process, in: folder) { return PointOutcome(failure: failure) }
        return outcome(of: point, in: folder)
    }

    private func start(_ point: SweepPoint, in folder: String) throws -> Process {
        let messages = "\(folder)/\(Self.messages)"
        try Data().write(to: URL(fileURLWithPath: messages))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments =
            ["run", config, "--quiet", "--out", folder, "--parent", "\(ProcessInfo.processInfo.processIdentifier)"]
            + point.overrides.flatMap { ["--set", "\($0.key)=\($0.value)"] }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: messages))
        try process.run()
        return process
    }

    /// Wait for the end of a run, which has deadlines for all that it waits for; an interrupt is passed on.
    private func wait(for process: Process) {
        var firstRequest: Date?
        var lastRequest = Date.distantPast
        while process.isRunning {
            tick()
            Thread.sleep(forTimeInterval: 0.01)
            guard interrupt.isRaised else { continue }
            let first = firstRequest ?? Date()
            firstRequest = first
            if Date().timeIntervalSince(first) > Self.patience {
                kill(process.processIdentifier, SIGKILL)
            } else if Date().timeIntervalSince(lastRequest) > Self.requestPeriod {
                // Once more after a while: a process that has only just begun may miss a signal.
                lastRequest = Date()
                kill(process.processIdentifier, SIGINT)
            }
        }
    }

    /// Move the files of the run folder up into the folder of the point, and remove an empty file of messages.
    private func flatten(_ folder: String) throws {
        let manager = FileManager.default
        for name in try manager.contentsOfDirectory(atPath: folder) where name != Self.messages {
            let run = "\(folder)/\(name)"
            for entry in try manager.contentsOfDirectory(atPath: run) {
                try manager.moveItem(atPath: "\(run)/\(entry)", toPath: "\(folder)/\(entry)")
            }
            try manager.removeItem(atPath: run)
        }
        let messages = "\(folder)/\(Self.messages)"
        if manager.contents(atPath: messages)?.isEmpty == true { try manager.removeItem(atPath: messages) }
    }

    /// The reason why a run failed, or nil when it did not.
    private func failure(of process: Process, in folder: String) -> String? {
        let status = process.terminationStatus
        if process.terminationReason == .uncaughtSignal { return "epsim run was killed by signal \(status)" }
        guard status != 0 else { return nil }
        let text = (try? String(contentsOfFile: "\(folder)/\(Self.messages)", encoding: .utf8)) ?? ""
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        guard let words = lines.last(where: { $0.hasPrefix("epsim: ") }) ?? lines.last else {
            return "epsim run ended with exit code \(status)"
        }
        return words.hasPrefix("epsim: ") ? String(words.dropFirst("epsim: ".count)) : words
    }

    private func outcome(of point: SweepPoint, in folder: String) -> PointOutcome {
        do {
            let ran = PointID.of(try String(contentsOfFile: "\(folder)/config.yaml", encoding: .utf8))
            guard ran == point.id else {
                return PointOutcome(failure: "the configuration has changed since the sweep began")
            }
            return PointOutcome(try Report(json: String(contentsOfFile: "\(folder)/report.json", encoding: .utf8)))
        } catch let error as any DescribedError {
            return PointOutcome(failure: "report.json: \(error)")
        } catch {
            return PointOutcome(failure: "its run folder cannot be read: \(error.localizedDescription)")
        }
    }
}
