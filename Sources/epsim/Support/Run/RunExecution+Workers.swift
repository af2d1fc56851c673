import Cluster
import Configuration
import Foundation
import MoE
import Reports
import Runtime
import Transport

/// Where the workers of a run come from.
extension RunExecution {
    func listen(_ session: Session, _ endpoint: Endpoint, _ keys: CurveKeys?) throws -> Listener {
        do {
            return try session.listen(endpoint, keys: keys)
        } catch {
            guard error.isEndpointTaken, case .staying(let cluster) = workers else { throw error }
            throw RuntimeError.configuration(
                "the cluster '\(cluster.name)' is busy with another run; wait for its end, or start another cluster with "
                    + "'epsim cluster up --name NAME'"
            )
        }
    }

    var startsWorkers: Bool {
        if case .local = workers { true } else { false }
    }

    func endpoint(_ cluster: ClusterOptions, _ id: RunID) throws(RuntimeError) -> Endpoint {
        try checkWorkersThatStay(cluster)
        let ownChoice = cluster.transport == .ipc ? "ipc://@epsim-\(id)" : "tcp://127.0.0.1:*"
        do {
            return try Endpoint(cluster.endpoint ?? ownChoice)
        } catch {
            throw .configuration("\(error)")
        }
    }

    /// Throws when workers that stay are not what the configuration asks for.
    private func checkWorkersThatStay(_ cluster: ClusterOptions) throws(RuntimeError) {
        guard case .staying(let found) = workers else { return }
        guard found.processIDs.count == cluster.workers else {
            throw .configuration(
                "cluster.workers is \(cluster.workers), but the cluster '\(found.name)' has \(found.processIDs.count); "
                    + "use --workers \(found.processIDs.count)"
            )
        }
        let gone = found.processIDs.filter { !found.aliveProcessIDs.contains($0) }
        guard gone.isEmpty else {
            throw .configuration(
                "of the cluster '\(found.name)', processes \(gone) are gone; run 'epsim cluster down' and 'epsim cluster up'"
            )
        }
        guard cluster.keyFile == nil else {
            throw .configuration(
                "cluster.key_file does not apply to the workers of 'epsim cluster up', which only this machine can reach; "
                    + "leave it out"
            )
        }
    }

    func launch(
        _ endpoint: Endpoint,
        _ configuration: RunConfiguration,
        _ folder: RunFolder
    ) throws(RuntimeError) -> LocalWorkers? {
        guard case .local = workers else { return nil }
        let logs = "\(folder.path)/logs"
        do {
            try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: false)
        } catch {
            throw .local("cannot make the folder \(logs): \(error.localizedDescription)")
        }
        return try LocalWorkers(
            executable: try Executable.path(),
            count: configuration.cluster.workers,
            endpoint: endpoint,
            keyFile: configuration.cluster.keyFile,
            logDirectory: logs
        )
    }
}

extension RunConfiguration {
    /// Processes of this machine that compute, with the coordinator and what it computes itself.
    func busyProcesses(localWorkers: Int) -> Int {
        let computesItself = cluster.shared == .coordinator && modelShape.hasCommonExperts
        return 1 + (computesItself ? cluster.threads : 0) + localWorkers * cluster.threads
    }
}
