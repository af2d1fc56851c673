import Cluster
import Basics
import Foundation
import Monitor
import Runtime

/// What `epsim cluster status --watch` shows of a cluster, look by look.
struct ClusterWatch {
    /// What there is to see.
    enum View: Equatable {
        /// A run is under way.
        case run(LiveSummary, notes: [String])
        /// None is.
        case idle(table: [String], notes: [String])
    }

    let name: String

    /// Looks at the cluster.
    ///
    /// - Throws: when there is no such cluster (any more).
    func look() throws(RuntimeError) -> View {
        let cluster = try StayingCluster.find(named: name)
        let file: LiveFile?
        do {
            file = try LiveFile.read(from: StayingCluster.directory(named: name))
        } catch {
            return .idle(table: table(cluster), notes: [error.description])
        }
        guard let file else { return .idle(table: table(cluster), notes: []) }
        guard MemberProcess(file.pid).isAlive else {
            let place = "step \(file.summary.stepsDone) of \(file.summary.run.steps)"
            let note = "run \(file.summary.run.id) (pid \(file.pid)) is gone without a word; it was at \(place)"
            return .idle(table: table(cluster), notes: [note])
        }
        let age = MonotonicClock.now().seconds - file.time
        let isStale = age > LiveFile.staleSeconds
        let note = "no news from the run (pid \(file.pid)) for \(DurationText.of(age)): it may be stopped"
        return .run(file.summary, notes: isStale ? [note] : [])
    }

    private func table(_ cluster: StayingCluster) -> [String] {
        var table = TextTable(columns: [
            TextTable.Column("rank"), TextTable.Column("pid"), TextTable.Column("resident", unit: "MiB"),
            TextTable.Column("state", alignment: .left),
        ])
        let alive = cluster.aliveProcessIDs
        for (rank, pid) in cluster.processIDs.enumerated() {
            let memory = DisplayUnit.mebibytes().text(MemberProcess(pid).residentBytes.map(Double.init))
            let isAlive = alive.contains(pid)
            table.append(["\(rank)", "\(pid)", isAlive ? memory : "-", isAlive ? "idle" : "gone"])
        }
        return ["cluster '\(cluster.name)': no run is using its \(cluster.processIDs.count) workers"] + table.lines()
    }
}

/// A process of this machine as `/proc` shows it.
private struct MemberProcess {
    private let fields: [Substring]
    private let memory: [Substring]

    init(_ pid: Int32) {
        let text = { (name: String) in
            FileManager.default.contents(atPath: "/proc/\(pid)/\(name)").map { String(decoding: $0, as: UTF8.self) }
                ?? ""
        }
        // The name, in parentheses, may hold anything; the state comes after it (proc(5)).
        fields = text("stat").split(separator: ")").last?.split(separator: " ") ?? []
        memory = text("statm").split(separator: " ")
    }

    var isAlive: Bool { fields.first.map { $0 != "Z" && $0 != "X" } ?? false }

    var residentBytes: Int? {
        memory.count > 1 ? Int(memory[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) } : nil
    }
}
