import Basics
import Cluster
import ArgumentParser
import Reports
import Runtime

/// `epsim cluster status`.
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

    @Flag(help: "Keep showing it, and the run that uses it.")
    var watch = false

    func run() throws {
        do {
            if watch { return try ClusterWatchLoop(watch: ClusterWatch(name: cluster.name)).run() }
            let found = try StayingCluster.find(named: cluster.name)
            guard let hellos = try RollCall(found).take(seconds: 2) else {
                Console.print("cluster '\(cluster.name)': a run is using its \(found.processIDs.count) workers")
                return
            }
            var table = TextTable(columns: [
                TextTable.Column("rank"), TextTable.Column("pid"), TextTable.Column("weights", unit: "MiB"),
                TextTable.Column("resident", unit: "MiB"), TextTable.Column("state", alignment: .left),
            ])
            let mebibytes = DisplayUnit.mebibytes()
            for (rank, pid) in found.processIDs.enumerated() {
                let hello = hellos.first { $0.pid == pid }
                let isAlive = found.aliveProcessIDs.contains(pid)
                table.append([
                    "\(rank)", "\(pid)", mebibytes.text(hello.map { Double($0.heldWeightBytes) }),
                    mebibytes.text(hello.map { Double($0.residentBytes) }),
                    hello != nil ? "ready" : isAlive ? "does not answer" : "gone",
                ])
            }
            Console.print(table.lines().joined(separator: "\n"))
            guard hellos.count == found.processIDs.count else { throw ExitCode.failure }
        } catch let error as RuntimeError {
            throw error.reported()
        }
    }
}
