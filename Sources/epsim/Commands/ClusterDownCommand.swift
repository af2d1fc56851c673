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

    func run() throws {
        do {
            let found = try StayingCluster.find(named: cluster.name)
            let count = found.aliveProcessIDs.count
            _ = try RollCall(found).take(seconds: 2, stop: true)
            let killed = found.aliveProcessIDs.count
            try found.remove()
            Console.print(
                "cluster '\(cluster.name)' is down: \(count) workers ended" + (killed > 0 ? ", \(killed) by force" : "")
            )
        } catch {
            throw error.reported()
        }
    }
}
