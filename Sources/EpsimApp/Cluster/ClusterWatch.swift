import Basics
import Cluster
import Foundation
import Monitor
import Runtime

/// The state of a cluster as `epsim cluster status --watch` shows it, read anew at each look.
struct ClusterWatch {
    /// The state of a cluster at one look: a run uses its workers, or none does.
    enum View: Equatable {
        /// A run is using the workers.
        case run(LiveSummary, notes: [String])
        /// No run is using the workers.
        case idle(table: [String], notes: [String])
    }

    let name: String

    /// Read the state of the cluster.
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

/// A worker process of this machine, as `/proc` shows it.
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

/// The loop of `epsim cluster status --watch`: a block that is redrawn on a terminal, a line per second elsewhere,
/// until the user interrupts or the cluster is gone.
struct ClusterWatchLoop {
    /// The time between two looks at the cluster, in seconds, on a terminal and elsewhere.
    private static let pause = (terminal: 0.2, elsewhere: 1.0)

    let watch: ClusterWatch

    /// Show the cluster until the user interrupts or the cluster is gone.
    ///
    /// - Throws: ``ExitStatus/interrupted`` when the user interrupts; the error of the first look.
    func run() throws {
        let interrupt = Interrupt()
        interrupt.watch()
        var view = try watch.look()
        let screen = Console.redrawsOutput ? Screen(STDOUT_FILENO) : nil
        while true {
            show(view, screen)
            let end = MonotonicClock.now().seconds + (screen == nil ? Self.pause.elsewhere : Self.pause.terminal)
            while MonotonicClock.now().seconds < end {
                if interrupt.isRaised { throw ExitStatus.interrupted }
                Thread.sleep(forTimeInterval: 0.05)
            }
            do {
                view = try watch.look()
            } catch {
                Console.note("epsim: \(error)")
                return
            }
        }
    }

    private func show(_ view: ClusterWatch.View, _ screen: Screen?) {
        guard let screen else { return Console.print(line(view)) }
        switch view {
        case .run(let summary, let notes):
            var options = screen.options
            options.height -= notes.count
            screen.draw(LiveBlock(summary, options: options).lines + notes)
        case .idle(let table, let notes):
            let options = screen.options
            screen.draw((table + notes).prefix(options.height - 1).map { String($0.prefix(options.width - 1)) })
        }
    }

    private func line(_ view: ClusterWatch.View) -> String {
        switch view {
        case .run(let summary, let notes): ([LiveBlock(summary).line] + notes).joined(separator: "; ")
        case .idle(let table, let notes): (table.prefix(1) + notes).joined(separator: "; ")
        }
    }
}
