import ArgumentParser
internal import Basics
import EpsimApp
import Foundation
import Logging
import Runtime

/// `epsim worker`: the process of one rank.
struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Host a shard of the experts for a coordinator.",
        discussion: """
            Dials the coordinator, is given a rank and its experts, makes their weights from the seed, and computes \
            until the run is over. The coordinator may be started later.

            Example:
              epsim worker --connect tcp://coordinator.local:5555 --key-file cluster.key
            """
    )

    @Option(help: "Where the coordinator listens: tcp://HOST:PORT, ipc:///PATH or ipc://@NAME.") var connect: String
    @Option(help: "The rank to ask for; without it the coordinator gives the lowest free one.") var rank: Int?
    @Option(help: "CURVE keys of the cluster (also EPSIM_CLUSTER_KEY_FILE).") var keyFile: String?
    @Flag(help: "Dial again when a run is over, and keep the weights.") var stay = false

    @Option(help: ArgumentHelp("End when the process of this id is no longer the parent.", visibility: .hidden))
    var parent: Int32?

    func validate() throws { _ = try endpoint() }

    func run() throws {
        try WorkerExecution(endpoint: endpoint(), rank: rank, keyFile: keyFile, stays: stay, parent: parent).run()
    }

    private func endpoint() throws -> Endpoint {
        do {
            return try Endpoint(toConnect: connect)
        } catch {
            throw ValidationError("--connect \(error)")
        }
    }
}
