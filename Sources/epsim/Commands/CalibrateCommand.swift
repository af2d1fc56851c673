import Basics
import ArgumentParser
import Configuration
import CostModel
import Foundation
import Reports
import Runtime

/// `epsim calibrate`: measures the modelled clock of this machine.
struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Measure this machine, so that live runs show predicted beside measured times.",
        discussion: """
            Measures expert products, memory, the coordinator's work and messages with the code that runs use, then how \
            much more the same takes within a few small runs, in less than 90 seconds, and writes what it found to ~/.config/epsim/hardware/this-machine.yaml, or to the folder \
            that EPSIM_HARDWARE names. Reports of runs on the same processor and cores then have a prediction.

            Calibrate while nothing else runs. With --score the configurations of a folder are run instead, and each \
            prediction is compared with its run.

            Examples:
              epsim calibrate
              epsim calibrate --quick --out box.yaml
              epsim calibrate --score configs/validation/this-machine
            """
    )

    @Flag(help: "A fourth of the repeats, and three small runs instead of eight.")
    var quick = false

    @Option(help: ArgumentHelp("File to write instead of the user's profile.", valueName: "file"))
    var out: String?

    @Option(help: ArgumentHelp("Run the configurations of a folder and score their predictions.", valueName: "folder"))
    var score: String?

    @Flag(help: "With --score: print JSON.")
    var json = false

    func validate() throws {
        guard score == nil || (!quick && out == nil) else {
            throw ValidationError("--score runs configurations and measures no constants: leave out --quick and --out")
        }
        guard score != nil || !json else { throw ValidationError("--json goes with --score") }
    }

    func run() throws {
        do {
            if let score {
                try HostScoring(folder: score, json: json).run()
            } else {
                try calibrate()
            }
        } catch let error as RuntimeError {
            throw error.reported()
        }
    }

    private func calibrate() throws {
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
        func progress(_ what: String) {
            if Console.showsProgress { Console.write("\r\u{1B}[Kmeasuring \(what)") }
        }
        let alone = try calibration.run(progress: progress)
        let profile = try HostReferenceRuns(profile: alone, passes: quick ? 1 : 2, quick: quick).fitted(
            progress: progress
        )
        if Console.showsProgress { Console.write("\r\u{1B}[K") }
        try write(HostLoader.yaml(profile), to: path)
        let seconds = Double(MonotonicClock.now() - started) / 1e9
        Console.print(table(profile))
        Console.note("\(path) was written after \(FixedPoint.text(seconds, decimals: 1)) s")
    }

    private func table(_ profile: HostProfile) -> String {
        var table = TextTable(columns: [
            .init("constant", alignment: .left), .init("value"), .init("unit", alignment: .left), .init("spread"),
            .init("meaning", alignment: .left),
        ])
        for key in HostConstant.allCases {
            guard let constant = profile.constants[key] else { continue }
            table.append([
                key.rawValue, FixedPoint.text(constant.value, significant: 4), key.unit,
                constant.spread.map { "\(FixedPoint.text($0 * 100, decimals: 1)) %" } ?? "-", key.meaning,
            ])
        }
        return ([Printable.text("\(profile.name): \(profile.processor)"), ""] + table.lines()).joined(separator: "\n")
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
