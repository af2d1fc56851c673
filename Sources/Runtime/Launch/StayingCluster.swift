import Basics
public import Cluster
internal import Foundation
internal import Transport

/// Worker processes that stay on this machine between runs, as recorded in a folder by which they are found.
public struct StayingCluster: Codable, Equatable, Sendable {
    /// The name that users give to the cluster.
    public let name: String
    /// The endpoint that a run's coordinator must listen at for these workers to find it.
    public let endpoint: String
    /// Process ids, by rank.
    public let processIDs: [Int32]

    private static let fileName = "cluster.json"

    /// The folder of a cluster: private to the user, outside of any run folder.
    public static func directory(named name: String) -> String {
        let environment = ProcessInfo.processInfo.environment
        let base = environment["XDG_RUNTIME_DIR"].map { "\($0)/epsim" } ?? "/tmp/epsim-\(getuid())"
        return "\(base)/\(name)"
    }

    /// Find a cluster that ``start(named:workers:executable:)`` made.
    public static func find(named name: String) throws(RuntimeError) -> StayingCluster {
        let path = "\(directory(named: name))/\(fileName)"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .configuration("there is no cluster '\(name)'; start one with 'epsim cluster up'")
        }
        do {
            return try JSONText.decode(from: data, keys: .asTheyAre)
        } catch {
            throw .configuration("\(path) does not describe a cluster; remove it and start one with 'epsim cluster up'")
        }
    }

    /// Start workers that stay until they are told to stop.
    public static func start(
        named name: String,
        workers: Int,
        executable: String
    ) throws(RuntimeError) -> StayingCluster {
        try ResourceNeed.coordinator(workers: workers, startsWorkers: true).check(.current)
        if let running = try? find(named: name), !running.aliveProcessIDs.isEmpty {
            throw .configuration(
                "the cluster '\(name)' is up with \(running.aliveProcessIDs.count) workers; end it with "
                    + "'epsim cluster down'"
            )
        }
        let directory = directory(named: name)
        var processIDs: [Int32] = []
        do {
            let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: attributes
            )
            let endpoint = try Endpoint("ipc://@epsim-cluster-\(getuid())-\(name)-\(UInt32.random(in: 0...UInt32.max))")
            for rank in 0..<workers {
                let command = WorkerLaunch(endpoint: endpoint, rank: rank, keyFile: nil, lifetime: .stays)
                let process = try command.start(executable: executable, log: "\(directory)/worker-\(rank).log")
                processIDs.append(process.processIdentifier)
            }
            let cluster = StayingCluster(name: name, endpoint: endpoint.description, processIDs: processIDs)
            try AtomicFile.write(JSONText.of(cluster, keys: .asTheyAre), to: "\(directory)/\(fileName)")
            return cluster
        } catch {
            // Nobody could find workers that no file names.
            for pid in processIDs { kill(pid, SIGKILL) }
            if let error = error as? RuntimeError { throw error }
            throw .local("the cluster '\(name)' cannot be started: \(error)")
        }
    }

    /// The process ids of the cluster's workers that still run.
    public var aliveProcessIDs: [Int32] { processIDs.filter(Self.isWorker) }

    /// Remove the cluster's folder and kill those of its workers that still run.
    public func remove() throws(RuntimeError) {
        for pid in aliveProcessIDs { kill(pid, SIGKILL) }
        let directory = Self.directory(named: name)
        do {
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            throw .local("the workers have ended, but \(directory) cannot be removed: \(error.localizedDescription)")
        }
    }

    /// True when a process of this id runs and is a worker of epsim, and not another program that got the id since.
    private static func isWorker(_ pid: Int32) -> Bool {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return false }
        let words = data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return words.contains("worker") && words.contains("--stay")
    }
}

/// A roll call of the workers of a staying cluster: it collects their hellos, and can tell them to stop.
public struct RollCall {
    private let cluster: StayingCluster

    /// A roll call of the workers of `cluster`.
    public init(_ cluster: StayingCluster) {
        self.cluster = cluster
    }

    /// Collect the hello of every worker that is not in a run.
    ///
    /// - Parameters:
    ///   - seconds: the longest wait for workers that have not answered, or not ended.
    ///   - stop: whether to tell each worker to end its process, and wait until it has.
    /// - Returns: the hellos, by rank; or nil when a run has the cluster.
    public func take(seconds: Double, stop: Bool = false) throws(RuntimeError) -> [Hello]? {
        do {
            let endpoint = try Endpoint(cluster.endpoint)
            let context = try MessageContext()
            let socket = try RouterSocket(context: context, endpoint: endpoint, keys: nil, messageLimit: 1 << 20)
            try socket.socket.setLinger(milliseconds: 500)
            return try collect(socket, until: MonotonicClock.now() + Nanoseconds(seconds: seconds), stop)
        } catch let error as TransportError where error.isEndpointTaken {
            return nil
        } catch {
            throw .local("\(error)")
        }
    }

    private func collect(
        _ socket: RouterSocket,
        until deadline: Nanoseconds,
        _ stop: Bool
    ) throws(TransportError) -> [Hello] {
        var hellos: [Int32: Hello] = [:]
        // A worker that is told to stop may not have read it when the connection closes: then it would be lost.
        while MonotonicClock.now() < deadline, cluster.aliveProcessIDs.contains(where: { stop || hellos[$0] == nil }) {
            try Poller.wait(socket.socket, nil, milliseconds: 20)
            while let parcel = try socket.receive() {
                guard case .control(let message)? = try? parcel.arrival(), message.envelope.kind == .hello,
                    let hello = try? ControlCoding.decode(Hello.self, from: message.control)
                else { continue }
                hellos[hello.pid] = hello
                guard stop else { continue }
                _ = try socket.send(to: parcel.sender, head: Envelope(kind: .stop).head(over: nil), payload: nil)
            }
        }
        return hellos.values.sorted { $0.rank ?? 0 < $1.rank ?? 0 }
    }
}
