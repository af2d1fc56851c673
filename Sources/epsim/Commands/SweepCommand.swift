import ArgumentParser
import EpsimApp

/// `epsim sweep`: many runs of one configuration with varied values.
struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Run a grid or list of configurations, and compare them.",
        discussion: """
            Reads a sweep file (YAML): a configuration, the keys to vary, how often, and what the points are held \
            against. Every run ends in a folder of its own; summary.csv has one row for each, as --format csv prints it. What fails is kept as \
            failed, and the rest goes on.

              config: ../quickstart.yaml        # relative to this file
              set: {run.steps: 10}              # for all points
              grid:                             # every combination
                cluster.workers: [1, 2, 4]
              list:                             # each entry, crossed with the grid
                - {router.top_k: 1, model.expert_ffn: 1536}
                - {router.top_k: 2, model.expert_ffn: 768}
              repeats: 3                        # runs of each point
              seeds: [1, 2]                     # in place of run.seed
              ideal: strong                     # none, strong or weak
              scale: cluster.workers            # which key makes a point larger
              clock: measured                   # measured or modelled
              out: results                      # unless --out is given

            Examples:
              epsim sweep configs/sweeps/strong-scaling.yaml --dry-run
              epsim sweep configs/sweeps/strong-scaling.yaml
              epsim sweep configs/sweeps/strong-scaling.yaml --resume --json

            Exit codes: 0 all runs ended, 1 some failed, 78 wrong sweep file or configuration, 130 interrupted.
            """
    )

    @Argument(help: "Sweep file (YAML).", completion: .file(extensions: ["yaml", "yml"])) var file: String

    @Option(help: .folder("Folder of the results (default: out of the file, else sweeps/NAME of the file)."))
    var out: String?

    @Flag(help: "List the points and the time that they will take, and run nothing.") var dryRun = false
    @Flag(help: "Keep what is finished in the folder, and run the rest.") var resume = false
    @OptionGroup var form: FormatArguments
    @Flag(help: "Print nothing but errors, and JSON or CSV where --format asks for it; the folder is written.")
    var quiet = false

    func validate() throws {
        if dryRun, let other = form.flag ?? (quiet ? "--quiet" : nil) {
            throw ValidationError("--dry-run prints a list, and excludes \(other)")
        }
        if let out, out.isEmpty { throw ValidationError("--out '' must name a folder") }
    }

    func run() throws {
        var options = SweepExecution.Options()
        (options.out, options.dryRun, options.resume) = (out, dryRun, resume)
        (options.format, options.quiet) = (form.chosen, quiet)
        try SweepExecution(file: file, options: options).run()
    }
}
