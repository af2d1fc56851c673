import ArgumentParser
import EpsimApp

/// `epsim compare`: two runs, sets of runs or sweeps beside each other.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare two runs, two sets of runs or two sweeps, and say what is noise.",
        discussion: """
            A and B are run folders, beginnings of ids of the index, folders of sweeps, or several runs with commas \
            between them. Differences are B - A with a confidence interval by Welch's t test: over the runs of each \
            side, or over the measured steps where each side is one run. Points of sweeps are matched by what is \
            varied.

            Examples:
              epsim compare 20261121T1809 20261121T1812
              epsim compare runs/a1,runs/a2,runs/a3 runs/b1,runs/b2,runs/b3
              epsim compare sweeps/before sweeps/after --html comparison.html
            """
    )

    @Argument(help: "What is compared with: a run, runs with commas between them, or a sweep.", completion: .directory)
    var a: String

    @Argument(help: "What is compared.", completion: .directory) var b: String

    @OptionGroup var index: IndexArguments

    @Option(help: "The part of intervals that hold the truth.") var confidence = 0.95
    @Flag(help: "Print JSON instead of the table.") var json = false

    @Option(help: "Write the comparison to this file too, as a page.", completion: .file(extensions: ["html"]))
    var html: String?

    func validate() throws {
        guard confidence >= 0.5, confidence <= 0.9999 else {
            throw ValidationError("--confidence \(confidence): 0.5 to 0.9999 is allowed")
        }
        if let html, !html.hasSuffix(".html") { throw ValidationError("--html '\(html)' must end in .html") }
    }

    func run() throws {
        try RunComparison(index: index.index, confidence: confidence).show(a, b, json: json, html: html)
    }
}
