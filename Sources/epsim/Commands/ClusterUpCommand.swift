import ArgumentParser
import Runtime

/// `epsim cluster up`.
struct ClusterUpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Start workers that stay.",
        discussion: "Example:\n  epsim cluster up --workers 4"
    )

    /// Seconds that a worker may take to report; it holds no weights yet.
    private static let patience = 10.0

    @OptionGroup var cluster: ClusterName

    @Option(help: "Number of workers.")
    var workers = 4

    func validate() throws {
        guard (1...1024).contains(workers) else { throw ValidationError("--workers \(workers): 1 to 1024 are allowed") }
    }

    func run() throws {
        do {
            let started = try StayingCluster.start(
                named: cluster.name,
                workers: workers,
                executable: try Executable.path()
            )
            let hellos = try RollCall(started).take(seconds: Self.patience) ?? []
            guard hellos.count == workers else {
                let directory = StayingCluster.directory(named: cluster.name)
                Console.note(
                    "epsim: \(hellos.count) of \(workers) workers reported within \(Int(Self.patience)) s; "
                        + "see their logs in \(directory), then 'epsim cluster down'"
                )
                throw ExitCode.failure
            }
            Console.print("cluster '\(cluster.name)' is up: \(workers) workers, pids \(started.processIDs)")
        } catch let error as RuntimeError {
            throw error.reported()
        }
    }
}
