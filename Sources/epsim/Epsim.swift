import ArgumentParser
import EpsimApp
import Glibc
import Runtime

/// The command line of epsim; each command has a file in `Commands`.
@main
struct Epsim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "epsim",
        abstract: "Run mixture-of-experts layers over real worker processes, and report load and communication.",
        discussion: """
            A coordinator routes tokens, sends them over ZeroMQ to workers that host the experts, combines what comes \
            back and reports how unbalanced the load was and how long communication took.

            Example:
              epsim run configs/quickstart.yaml --workers 4

            Exit codes: 0 all is well, 1 the run failed, 64 wrong usage, 78 wrong configuration, 99 a --require was \
            missed, 130 interrupted.
            """,
        version: EpsimVersion.current,
        subcommands: [
            InitCommand.self, RunCommand.self, PredictCommand.self, SystemsCommand.self, TourCommand.self,
            PlaceCommand.self, SweepCommand.self,
            CoordinatorCommand.self, WorkerCommand.self, ClusterCommand.self, ConfigCommand.self, HardwareCommand.self,
            ValidateCommand.self, CalibrateCommand.self, RouteCommand.self, RunsCommand.self, CompareCommand.self,
            SchemaCommand.self, TraceCommand.self, DoctorCommand.self,
        ]
    )

    static func main() {
        let line = CommandLineWords(Array(CommandLine.arguments.dropFirst()))
        do {
            // Before anything else, as parsing alone needs more than the least stack.
            ResourceLimits.settle()
            try ResourceNeed.program.require()
            var command = try parseAsRoot(line.words)
            try command.run()
        } catch let status as ExitStatus {
            Glibc.exit(status.rawValue)
        } catch {
            guard exitCode(for: error) == .validationFailure, let unknown = line.unknownCommand(of: tree(self)) else {
                exit(withError: error)
            }
            exit(withError: ValidationError(unknown))
        }
    }

    private static func tree(_ command: any ParsableCommand.Type) -> CommandLineWords.Command {
        .init(command.configuration.commandName ?? "", command.configuration.subcommands.map { tree($0) })
    }
}

/// The option of a command line, which commands mean by `Option`, rather than the option of a configuration.
typealias Option = ArgumentParser.Option
