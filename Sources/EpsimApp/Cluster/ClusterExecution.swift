import Basics
import Cluster
import Runtime
import Transport

/// The command `epsim cluster`: workers that stay between runs are started, shown and ended.
public struct ClusterExecution {
    /// The longest wait for new workers to report, in seconds; they hold no weights yet, so they need little time.
    private static let patience = 10.0

    private let name: String

    /// Create the command for the cluster of a name.
    public init(name: String) { self.name = name }

    /// Start workers that stay between runs.
    ///
    /// - Throws: ``ExitStatus`` unless all of them report.
    public func up(workers: Int) throws {
        do {
            let started = try StayingCluster.start(
                named: name,
                workers: workers,
                executable: try Executable.path()
            )
            let hellos = try RollCall(started).take(seconds: Self.patience) ?? []
            guard hellos.count == workers else {
                let directory = StayingCluster.directory(named: name)
                Console.note(
                    "epsim: \(hellos.count) of \(workers) workers reported within \(Int(Self.patience)) s; "
                        + "see their logs in \(directory), then 'epsim cluster down'"
                )
                throw ExitStatus.failure
            }
            Console.print("cluster '\(name)' is up: \(workers) workers, pids \(started.processIDs)")
        } catch let error as RuntimeError {
            throw error.reported()
        }
    }

    /// Show each worker and the weights that it holds.
    ///
    /// - Throws: ``ExitStatus`` unless all of them answer.
    public func showStatus() throws {
        do {
            let found = try StayingCluster.find(named: name)
            guard let hellos = try RollCall(found).take(seconds: 2) else {
                Console.print("cluster '\(name)': a run is using its \(found.processIDs.count) workers")
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
            Console.print(table.lines(width: Console.width).joined(separator: "\n"))
            guard hellos.count == found.processIDs.count else { throw ExitStatus.failure }
        } catch let error as RuntimeError {
            throw error.reported()
        }
    }

    /// End the workers.
    ///
    /// - Parameter force: end the workers also while a run is using them; that run fails.
    /// - Throws: ``ExitStatus`` unless they have ended.
    public func down(force: Bool) throws {
        do {
            let found = try StayingCluster.find(named: name)
            let count = found.aliveProcessIDs.count
            if try RollCall(found).take(seconds: 2, stop: true) == nil, !force {
                throw RuntimeError.configuration(
                    "a run is using the cluster '\(name)'; wait for it, or use --force"
                )
            }
            let killed = found.aliveProcessIDs.count
            try found.remove()
            Console.print(
                "cluster '\(name)' is down: \(count) workers ended" + (killed > 0 ? ", \(killed) by force" : "")
            )
        } catch let error as RuntimeError {
            throw error.reported()
        }
    }

    /// Make the keys that a coordinator and its workers on other machines share.
    ///
    /// - Parameter file: the file to write; it must not exist.
    /// - Throws: ``ExitStatus/failure``.
    public static func makeKeys(in file: String) throws(ExitStatus) {
        do {
            try CurveKeys.generate().write(to: file)
        } catch {
            Console.note("epsim: \(error)")
            throw .failure
        }
    }

    /// Show the run that uses the workers, or the idle workers, until the user interrupts.
    ///
    /// - Throws: ``ExitStatus``.
    public func watch() throws {
        do {
            try ClusterWatchLoop(watch: ClusterWatch(name: name)).run()
        } catch let error as RuntimeError {
            throw error.reported()
        }
    }
}
