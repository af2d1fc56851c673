import Basics
import Configuration
import Foundation
import Reports
import Runtime
import Settings
import Sweeps

/// The runner that starts `epsim run` in a process of its own for each point, so that a crash does not end the sweep.
struct SweepLiveRunner: PointRunner {
    /// The name of the file with a run's standard error, in the folder of the point.
    private static let messages = "stderr.txt"
    /// The name of the configuration of a point that is not the sweep's with values on top, in the folder of the point.
    private static let ownConfiguration = "point.yaml"

    /// The path of the epsim program.
    let executable: String
    /// The path of the configuration that every point starts from.
    let config: String
    /// The interrupt that is raised when the sweep is to end.
    let interrupt: Interrupt
    /// The function to call every 10 ms while a run is under way.
    let tick: () -> Void

    func run(_ point: SweepPoint, in folder: String) throws(PointInterruption) -> PointOutcome {
        let run: ChildRun
        do {
            run = try start(point, in: folder)
        } catch {
            if interrupt.isRaised { throw PointInterruption() }
            return PointOutcome(failure: "epsim run cannot be started: \(error)")
        }
        if interrupt.isRaised { throw PointInterruption() }
        do {
            try flatten(folder)
        } catch {
            return PointOutcome(failure: "its run folder cannot be moved: \(error.localizedDescription)")
        }
        if let failure = failure(of: run, in: folder) { return PointOutcome(failure: failure) }
        return outcome(of: point, in: folder)
    }

    /// Run a point in a process of its own to the end, passing an interrupt on. Nothing limits the time here, since the
    /// run has deadlines for all that it waits for.
    private func start(_ point: SweepPoint, in folder: String) throws -> ChildRun {
        let own = "\(folder)/\(Self.ownConfiguration)"
        if point.leavesOutOfFile { try AtomicFile.write(point.resolved.yaml, to: own) }
        defer { if point.leavesOutOfFile { try? FileManager.default.removeItem(atPath: own) } }
        let settings =
            point.leavesOutOfFile
            ? [own] : [config] + point.overrides.flatMap { ["--set", "\($0.key)=\($0.value)"] }
        return try ChildRun(
            executable: executable,
            arguments: settings + ["--quiet", "--out", folder],
            messages: "\(folder)/\(Self.messages)",
            interrupt: interrupt,
            tick: tick
        )
    }

    /// Move the files of the run folder up into the folder of the point, and remove the file of standard error if it is
    /// empty.
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

    /// The reason why a run failed, or nil when it succeeded.
    private func failure(of run: ChildRun, in folder: String) -> String? {
        guard let end = run.failure else { return nil }
        if run.wasKilled { return "epsim run \(end)" }
        let text = (try? String(contentsOfFile: "\(folder)/\(Self.messages)", encoding: .utf8)) ?? ""
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        guard let words = lines.last(where: { $0.hasPrefix("epsim: ") }) ?? lines.last else {
            return "epsim run \(end)"
        }
        return words.hasPrefix("epsim: ") ? String(words.dropFirst("epsim: ".count)) : words
    }

    private func outcome(of point: SweepPoint, in folder: String) -> PointOutcome {
        do {
            let ran = PointID.of(try String(contentsOfFile: "\(folder)/\(RunFolder.configName)", encoding: .utf8))
            guard ran == point.id else {
                return PointOutcome(failure: "the configuration has changed since the sweep began")
            }
            return PointOutcome(
                try Report(json: String(contentsOfFile: "\(folder)/\(RunFolder.reportName)", encoding: .utf8))
            )
        } catch let error as any DescribedError {
            return PointOutcome(failure: "report.json: \(error)")
        } catch {
            return PointOutcome(failure: "its run folder cannot be read: \(error.localizedDescription)")
        }
    }
}
