import ArgumentParser
import EpsimApp

/// `epsim cluster`: workers that stay between runs, and keys for workers on other machines.
struct ClusterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Start, look at and end workers that stay between runs; make keys.",
        discussion: """
            Example:
              epsim cluster up --workers 4
              epsim run configs/quickstart.yaml --cluster     (again and again: weights are kept)
              epsim cluster down
            """,
        subcommands: [
            ClusterUpCommand.self, ClusterStatusCommand.self, ClusterDownCommand.self, ClusterKeyCommand.self,
        ]
    )
}

/// The argument that names a cluster.
struct ClusterName: ParsableArguments {
    @Option(help: "Name of the cluster: letters, digits and dashes.") var name = "default"

    func validate() throws {
        guard !name.isEmpty, name.count <= 32,
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
        else { throw ValidationError("--name '\(name)': 1 to 32 letters, digits and dashes are allowed") }
    }
}

/// `epsim cluster up`: the start of workers that stay between runs.
struct ClusterUpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Start workers that stay.",
        discussion: "Example:\n  epsim cluster up --workers 4"
    )

    @OptionGroup var cluster: ClusterName

    @Option(help: "Number of workers.") var workers = 4

    func validate() throws {
        guard (1...1024).contains(workers) else { throw ValidationError("--workers \(workers): 1 to 1024 are allowed") }
    }

    func run() throws { try ClusterExecution(name: cluster.name).up(workers: workers) }
}

/// `epsim cluster status`: the workers of a cluster and the weights that they hold.
struct ClusterStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the workers of a cluster and the weights that they hold.",
        discussion: """
            With --watch, a terminal shows the run that uses the cluster, or its workers while none does, until Ctrl-C or \
            'epsim cluster down'. Where standard output is no terminal, it is one line a second.

            Example:
              epsim cluster status
              epsim cluster status --watch
            """
    )

    @OptionGroup var cluster: ClusterName

    @Flag(help: "Keep showing it, and the run that uses it.") var watch = false

    func run() throws {
        let execution = ClusterExecution(name: cluster.name)
        if watch { try execution.watch() } else { try execution.showStatus() }
    }
}

/// `epsim cluster down`: the end of a cluster's workers.
struct ClusterDownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "End the workers of a cluster.",
        discussion: "Example:\n  epsim cluster down"
    )

    @OptionGroup var cluster: ClusterName

    @Flag(help: "End the workers also while a run is using them; that run fails.") var force = false

    func run() throws { try ClusterExecution(name: cluster.name).down(force: force) }
}

/// `epsim cluster key`: new keys for a coordinator and its workers on other machines.
struct ClusterKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make the keys that a coordinator and its workers on other machines share.",
        discussion: """
            Example:
              epsim cluster key cluster.key
              epsim coordinator CONFIG --bind tcp://0.0.0.0:5555 --set cluster.key_file=cluster.key
              epsim worker --connect tcp://HOST:5555 --key-file cluster.key
            """
    )

    @Argument(help: "File to write; it must not exist.") var file: String

    func run() throws { try ClusterExecution.makeKeys(in: file) }
}
