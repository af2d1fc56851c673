import ArgumentParser
import EpsimApp

/// `epsim run`: a run with all workers on this machine.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a configuration over worker processes on this machine.",
        discussion: """
            Starts one worker process per rank, runs all steps, prints a report and leaves a run folder with \
            config.yaml, report.json, report.html, samples.csv, experts.csv and trace.json.gz.

            Examples:
              epsim run configs/quickstart.yaml
              epsim run configs/quickstart.yaml --workers 8 --verify --require 'balancedness>=0.8'
              epsim run configs/synthetic.yaml --set workload.exponent=1.2 --json
              epsim run configs/quickstart.yaml --steps 2000 --serve --port 9464
            """
    )

    @OptionGroup var configuration: ConfigurationArguments
    @OptionGroup var report: ReportArguments
    @OptionGroup var outputs: OutputArguments
    @OptionGroup var serve: ServeArguments

    @Flag(help: "Use the workers of 'epsim cluster up' instead of starting some.") var cluster = false

    @Option(help: "Which cluster to use with --cluster (default: default).") var clusterName: String?

    @Option(help: ArgumentHelp("End when the process of this id is no longer the parent.", visibility: .hidden))
    var parent: Int32?

    func validate() throws {
        if clusterName != nil, !cluster { throw ValidationError("--cluster-name needs --cluster") }
    }

    func run() throws {
        try RunExecution(
            configuration.request(),
            report: outputs.added(to: report.options()),
            serve: serve.options(),
            workers: cluster ? .staying(named: clusterName ?? "default") : .local,
            parent: parent
        ).run()
    }
}
