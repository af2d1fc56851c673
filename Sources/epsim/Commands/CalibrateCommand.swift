import ArgumentParser
import Basics
import CostModel
import EpsimApp
import Foundation

/// `epsim calibrate`: the measurement of this machine for the modelled clock.
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

    @Flag(help: "A fourth of the repeats, and three small runs instead of eight.") var quick = false
    @Option(help: ArgumentHelp("File to write instead of the user's profile.", valueName: "file")) var out: String?

    @Option(help: ArgumentHelp("Run the configurations of a folder and score their predictions.", valueName: "folder"))
    var score: String?

    @Flag(help: "With --score: print JSON.") var json = false

    func validate() throws {
        guard score == nil || (!quick && out == nil) else {
            throw ValidationError("--score runs configurations and measures no constants: leave out --quick and --out")
        }
        guard score != nil || !json else { throw ValidationError("--json goes with --score") }
    }

    func run() throws {
        if let score {
            try HostScoring(folder: score, json: json).run()
        } else {
            try CalibrateExecution(quick: quick, out: out).run()
        }
    }
}
