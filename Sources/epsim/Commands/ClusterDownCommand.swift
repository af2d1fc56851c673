import ArgumentParser
import Runtime

/// `epsim cluster down`.
struct ClusterDownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "End the workers of a cluster.",
        discussion: "Example:\n  epsim cluster down"
    )

    @OptionGroup var cluster: ClusterName

    @Flag(help: "End the workers also while a run is using them; that run fails.")
    var force = false

    func run() throws {
        do {
            let found = try StayingCluster.find(named: cluster.name)
            let count = found.aliveProcessIDs.count
            if try RollCall(found).take(seconds: 2, stop: true) == nil, !force {
                throw RuntimeError.configuration(
                    "a run is using the cluster '\(cluster.name)'; wait for it, or use --force"
                )
            }
            let killed = found.aliveProcessIDs.count
            try found.remove()
            Console.print(
                "cluster '\(cluster.name)' is down: \(count) workers ended" + (killed > 0 ? ", \(killed) by force" : "")
            )
        } catch let error as RuntimeError {
            throw error.reported()
        }
    }
}
