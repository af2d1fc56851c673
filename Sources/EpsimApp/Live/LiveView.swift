import Basics
import Cluster
import Dispatch
import Foundation
import Monitor
import Records
import Runtime
import Synchronization

/// The live view of a run: its state, shown at the terminal, over HTTP and to `epsim cluster status --watch`.
///
/// The thread that runs the steps reports events to it, which takes a lock and some additions. All else goes on in a
/// queue and in tasks of its own.
final class LiveView {
    /// The time between two redraws of the terminal, in seconds; at every other redraw the state is also written to the
    /// cluster's folder.
    private static let period = 0.1

    private let board: LiveBoard
    private let server: LiveServer?
    private let screen: Screen?
    private let folder: String?
    private let isShown: Bool
    private let queue = DispatchQueue(label: "epsim.live")
    private let timer: any DispatchSourceTimer

    /// Begin to show a run.
    ///
    /// - Parameters:
    ///   - run: the description of the run.
    ///   - charts: the charts of the run's page.
    ///   - serve: whether and where the run is served over HTTP.
    ///   - clusterFolder: the folder of the cluster that the run uses, where `epsim cluster status --watch` looks for
    ///     it.
    ///   - isShown: whether the terminal may show the run; the address of the server is printed all the same.
    init(
        _ run: LiveRun,
        charts: LiveCharts,
        serve: ServeOptions,
        clusterFolder: String?,
        isShown: Bool
    ) throws(MonitorError) {
        board = LiveBoard(LiveState(run: run))
        server = serve.isServed ? try serve.start(board, page: LivePage(charts: charts.html), hostName: Host.name) : nil
        if let server { Console.note("live view: \(server.url)") }
        screen = serve.isServed && isShown && Console.showsProgress ? Screen(STDERR_FILENO) : nil
        folder = clusterFolder
        self.isShown = isShown
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.setEventHandler(handler: Self.tick(board, screen, folder))
        timer.schedule(deadline: .now(), repeating: Self.period, leeway: .milliseconds(10))
        timer.resume()
    }

    /// Add an event of the run to the state.
    func update(_ event: SessionEvent) {
        board.update { state, time in
            switch event {
            case .workersReady(let ready, of: _): state.workersReady(ready)
            case .measured(let record, _): state.measured(record, at: time)
            case .stepDone(let step, of: _) where step < 0: state.warmup(left: -step - 1)
            case .stepDone, .predicted, .verifying: break
            }
        }
    }

    /// Mark the run as over: nothing is drawn or written any more, but it is still served.
    func runEnded(_ end: RunEnd) {
        let stage: LiveStage =
            switch end {
            case .completed: .completed
            case .interrupted: .interrupted
            case .failed: .failed
            }
        board.update { state, time in state.ended(stage, at: time) }
        timer.cancel()
        queue.sync {
            screen?.clear()
            if let folder { LiveFile.remove(from: folder) }
        }
    }

    /// Keep serving the finished run for some seconds, or until the user interrupts.
    func linger(seconds: Double, interrupt: Interrupt) {
        guard let server, seconds > 0, !interrupt.isRaised else { return }
        if isShown {
            Console.note("the run has ended; still served for \(DurationText.of(seconds)), Ctrl-C ends that")
        }
        let end = board.time + seconds
        while board.time < end, !interrupt.isRaised {
            Thread.sleep(forTimeInterval: min(0.05, max(end - board.time, 0)))
        }
        server.stop()
    }

    private static func tick(_ board: LiveBoard, _ screen: Screen?, _ folder: String?) -> @Sendable () -> Void {
        let pid = ProcessInfo.processInfo.processIdentifier
        let ticks = Atomic<Int>(0)
        return {
            let summary = board.summary
            if let screen { screen.draw(LiveBlock(summary, options: screen.options).lines) }
            guard let folder, ticks.add(1, ordering: .relaxed).oldValue.isMultiple(of: 2) else { return }
            // A run goes on though nobody can watch it.
            try? LiveFile(pid: pid, time: MonotonicClock.now().seconds, summary: summary).write(to: folder)
        }
    }
}
