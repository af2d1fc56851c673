import ArgumentParser
import EpsimApp

/// `epsim coordinator`: a run whose workers dial in.
struct CoordinatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinator",
        abstract: "Run a configuration over workers that dial in, from this machine or others.",
        discussion: """
            Waits until cluster.workers workers have joined, then does what 'epsim run' does. An address that other \
            machines can reach needs keys, which 'epsim cluster key' makes.

            Example:
              epsim coordinator configs/quickstart.yaml --bind tcp://127.0.0.1:5555
              epsim worker --connect tcp://127.0.0.1:5555    (four times)
            """
    )

    @OptionGroup var configuration: ConfigurationArguments
    @OptionGroup var report: ReportArguments
    @OptionGroup var outputs: OutputArguments
    @OptionGroup var serve: ServeArguments

    @Option(help: "Where to listen: tcp://HOST:PORT, ipc:///PATH or ipc://@NAME.") var bind: String

    func run() throws {
        try RunExecution(
            configuration.request(),
            report: outputs.added(to: report.options()),
            serve: serve.options(),
            workers: .remote(endpoint: bind)
        ).run()
    }
}
