import Basics
import Calibration
import Configuration
import CostModel
import Foundation
import Runtime

/// The command `epsim calibrate`, from the measurements to the exit status.
public struct CalibrateExecution {
    private let quick: Bool
    private let out: String?

    /// Create the command for this machine.
    ///
    /// - Parameters:
    ///   - quick: true for a fourth of the repeats, and three small runs in place of eight.
    ///   - out: the path of the profile to write, or nil for the user's profile.
    public init(quick: Bool, out: String?) {
        self.quick = quick
        self.out = out
    }

    /// Measure this machine, write its profile and show it.
    ///
    /// - Throws: ``ExitStatus`` unless all is well.
    public func run() throws {
        do {
            try calibrate()
        } catch let error as RuntimeError {
            throw error.reported()
        }
    }

    private func calibrate() throws {
        try ResourceNeed.calibration.check(.current)
        let environment = ProcessInfo.processInfo.environment
        guard let path = out ?? HostLoader.path(environment: environment) else {
            throw RuntimeError.configuration("there is no home folder to write to: use --out FILE")
        }
        if let load = Host.loadAverage, load > 0.3 * Double(Host.cores) {
            Console.note(
                "epsim: this machine is busy (load average \(FixedPoint.text(load, decimals: 2))); measure when idle"
            )
        }
        let started = MonotonicClock.now()
        var calibration = Calibration(quick: quick)
        let line = StatusLine(isShown: true)
        defer { line.end() }
        func progress(_ what: String) { line.show("measuring \(what)") }
        let alone = try calibration.run(progress: progress)
        // Before, nothing has to be ended or removed, so that the signal itself may end this process.
        let interrupt = Interrupt()
        interrupt.watch()
        let profile = try HostReferenceRuns(profile: alone, passes: quick ? 1 : 2, quick: quick, interrupt: interrupt)
            .fitted(progress: progress)
        line.end()
        try write(HostLoader.yaml(profile), to: path)
        let seconds = Double(MonotonicClock.now() - started) / 1e9
        Console.print(table(profile))
        Console.note("\(path) was written after \(FixedPoint.text(seconds, decimals: 1)) s")
    }

    private func table(_ profile: HostProfile) -> String {
        var table = TextTable(columns: [
            .init("constant", alignment: .left), .init("value"), .init("unit", alignment: .left), .init("spread"),
            .init("meaning", alignment: .left, isWrapped: true),
        ])
        for key in HostConstant.allCases {
            guard let constant = profile.constants[key] else { continue }
            table.append([
                key.rawValue, FixedPoint.text(constant.value, significant: 4), key.unit,
                constant.spread.map { "\(FixedPoint.text($0 * 100, decimals: 1)) %" } ?? "-", key.meaning,
            ])
        }
        return ([Printable.text("\(profile.name): \(profile.processor)"), ""] + table.lines(width: Console.width))
            .joined(separator: "\n")
    }

    private func write(_ text: String, to path: String) throws(RuntimeError) {
        do {
            try Folder.makeAll(Folder.of(path))
            try AtomicFile.write(text, to: path)
        } catch {
            throw .local("\(path) cannot be written: \(error.reason)")
        }
    }
}
