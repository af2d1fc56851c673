internal import Basics
import Cluster
import Logging
import ArgumentParser
import Foundation
import Runtime
import Transport

/// `epsim worker`: one rank.
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

    @Option(help: "Where the coordinator listens: tcp://HOST:PORT, ipc:///PATH or ipc://@NAME.")
    var connect: String

    @Option(help: "The rank to ask for; without it the coordinator gives the lowest free one.")
    var rank: Int?

    @Option(help: "CURVE keys of the cluster (also EPSIM_CLUSTER_KEY_FILE).")
    var keyFile: String?

    @Flag(help: "Dial again when a run is over, and keep the weights.")
    var stay = false

    @Option(help: ArgumentHelp("End when the process of this id is no longer the parent.", visibility: .hidden))
    var parent: Int32?

    func validate() throws {
        _ = try endpoint()
    }

    func run() throws {
        let interrupt = Interrupt()
        // A worker that a run started is ended by that run: Ctrl-C reaches the whole foreground group at once.
        // So does the end of the terminal.
        if parent != nil { for number in [SIGINT, SIGHUP] { _ = signal(number, SIG_IGN) } }
        // A worker that stays outlives the terminal that it was started from.
        if stay { _ = signal(SIGHUP, SIG_IGN) }
        let sources = interrupt.watch(includingInterrupt: parent == nil)
        defer { withExtendedLifetime(sources) {} }
        do {
            let keyPath = keyFile ?? ProcessInfo.processInfo.environment["EPSIM_CLUSTER_KEY_FILE"]
            let options = WorkerOptions(
                endpoint: try endpoint(),
                keys: try keyPath.map { try CurveKeys(contentsOf: $0) },
                rank: rank,
                stays: stay,
                parent: parent
            )
            let log = Console.log(rank.map { "epsim worker \($0)" } ?? "epsim worker", level: .info)
            try WorkerShell(options: options, interrupt: interrupt, log: log).run()
        } catch RuntimeError.interrupted {
            Console.note("epsim worker: interrupted by a signal")
            throw ExitCode.interrupted
        } catch let error as TransportError {
            Console.note("epsim worker: \(error)")
            throw ExitCode.badConfiguration
        } catch let error as RuntimeError {
            Console.note("epsim worker: \(error)")
            throw ExitCode.failure
        }
    }

    private func endpoint() throws -> Endpoint {
        do {
            return try Endpoint(connect)
        } catch {
            throw ValidationError("--connect \(error)")
        }
    }
}
