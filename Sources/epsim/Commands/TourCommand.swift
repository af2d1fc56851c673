import ArgumentParser
import EpsimApp

/// `epsim tour`: every system side by side.
struct TourCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tour",
        abstract: "Run a small version of every system, predict a layer of each in full size, and write one page.",
        discussion: """
            Examples:
              epsim tour
              epsim tour switch deepseek-v3
              epsim tour --hardware B200 --ranks 16 --out tour-b200
            """
    )

    @Argument(help: "Systems of 'epsim systems'; none means all of them.", completion: .systems) var systems: [String] =
        []

    @Option(help: "Hardware profile of the predictions.", completion: .hardware) var hardware = "H100-SXM"
    @Option(help: "Ranks of each prediction; at most one for each expert.") var ranks = 8
    @Option(help: .folder("Folder of the page and of the runs.")) var out = "tour"
    @OptionGroup var form: FormatArguments

    func run() throws {
        var options = TourExecution.Options()
        options.systems = systems
        (options.hardware, options.ranks, options.out, options.format) = (hardware, ranks, out, form.chosen)
        try TourExecution(options).run()
    }
}
