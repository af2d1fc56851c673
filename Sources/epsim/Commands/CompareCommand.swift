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
            side, or over the measured steps where each side is one run. Predictions are compared exactly, as they are \
            the same in every repeat. Points of sweeps are matched by what is varied.

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

    @Option(help: "The part of intervals that hold the truth (default: 0.95).") var confidence: Double?
    @OptionGroup var form: FormatArguments

    @Option(help: "Write the comparison to this file too, as a page.", completion: .file(extensions: ["html"]))
    var html: String?

    func validate() throws {
        if let confidence, confidence < 0.5 || confidence > 0.9999 {
            throw ValidationError("--confidence \(confidence): 0.5 to 0.9999 is allowed")
        }
        if let html, !html.hasSuffix(".html") { throw ValidationError("--html '\(html)' must end in .html") }
    }

    func run() throws {
        try RunComparison(index: index.index, confidence: confidence).show(a, b, as: form.chosen, html: html)
    }
}
