public import Basics
import Foundation
import Logging
import Runtime
import Transport

/// A worker process, from its options to the exit status.
public struct WorkerExecution {
    private let endpoint: Endpoint
    private let rank: Int?
    private let keyFile: String?
    private let stays: Bool
    private let parent: Int32?

    /// Create a worker.
    ///
    /// - Parameters:
    ///   - endpoint: the endpoint at which the coordinator listens.
    ///   - rank: the rank to ask for, or nil for the lowest free one.
    ///   - keyFile: the path of the cluster's CURVE keys, or nil for the path in `EPSIM_CLUSTER_KEY_FILE`.
    ///   - stays: whether the worker dials again when a run is over, and keeps its weights.
    ///   - parent: the id of the process with which the worker ends, or nil.
    public init(endpoint: Endpoint, rank: Int?, keyFile: String?, stays: Bool, parent: Int32?) {
        self.endpoint = endpoint
        self.rank = rank
        self.keyFile = keyFile
        self.stays = stays
        self.parent = parent
    }

    /// Serve until the run is over, or for as long as the worker stays.
    ///
    /// - Throws: ``ExitStatus`` unless all is well.
    public func run() throws {
        let interrupt = Interrupt()
        // A worker that a run started is ended by that run: Ctrl-C reaches the whole foreground group at once.
        // So does the end of the terminal.
        if parent != nil { for number in [SIGINT, SIGHUP] { _ = signal(number, SIG_IGN) } }
        // A worker that stays outlives the terminal that it was started from.
        if stays { _ = signal(SIGHUP, SIG_IGN) }
        interrupt.watch(includingInterrupt: parent == nil)
        do {
            let keyPath = keyFile ?? ProcessInfo.processInfo.environment["EPSIM_CLUSTER_KEY_FILE"]
            let options = WorkerOptions(
                endpoint: endpoint,
                keys: try keyPath.map { try CurveKeys(contentsOf: $0) },
                rank: rank,
                stays: stays,
                parent: parent
            )
            let log = Console.log(rank.map { "epsim worker \($0)" } ?? "epsim worker", level: .info)
            try WorkerShell(options: options, interrupt: interrupt, log: log).run()
        } catch RuntimeError.interrupted {
            Console.note("epsim worker: interrupted by a signal")
            throw ExitStatus.interrupted
        } catch let error as TransportError {
            Console.note("epsim worker: \(error)")
            throw ExitStatus.badConfiguration
        } catch let error as RuntimeError {
            Console.note("epsim worker: \(error)")
            throw ExitStatus.failure
        }
    }
}
