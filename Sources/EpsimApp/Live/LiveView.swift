import Basics
import Cluster
import Dispatch
import Foundation
public import Monitor
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
            case .placed(let placement): state.placement = placement
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

/// A block of lines on a terminal that is redrawn in its place. The cursor stands below the block and is never hidden,
/// so that no end of the program can leave a terminal changed.
final class Screen: Sendable {
    private let descriptor: Int32
    private let drawn = Mutex(0)

    /// Create a screen on the terminal of a file descriptor.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// The size of the terminal now, and whether the locale allows block characters.
    var options: LiveBlock.Options {
        var size = winsize()
        _ = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size)
        return LiveBlock.Options(width: Int(size.ws_col), height: Int(size.ws_row), unicode: Self.showsUnicode)
    }

    /// Draw lines in place of those that were drawn before.
    func draw(_ lines: [String]) {
        drawn.withLock { drawn in
            // Up to the first line, then each line anew, and nothing of what was below.
            let up = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
            write("\r" + up + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J")
            drawn = lines.count
        }
    }

    /// Erase the lines.
    func clear() { draw([]) }

    private func write(_ text: String) {
        try? FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: Data(text.utf8))
    }

    /// True when the locale is UTF-8: of `LC_ALL`, `LC_CTYPE` and `LANG`, the first that is set decides (locale(7)).
    private static let showsUnicode: Bool = {
        let environment = ProcessInfo.processInfo.environment
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        return locale.lowercased().contains("utf-8") || locale.lowercased().contains("utf8")
    }()
}

/// The options of watching a run over HTTP.
public struct ServeOptions: Sendable {
    /// Whether the run is served at all.
    public var isServed = false
    /// The address at which the run is served.
    public var address: ServeAddress
    /// The path of the file with the token that viewers must present, or nil.
    public var tokenFile: String?
    /// The time for which a run is still served after its end, in seconds.
    public var seconds = 0.0

    /// Create options for a run that is not served.
    public init(address: ServeAddress) { self.address = address }

    /// Begin to serve the live state of a run.
    ///
    /// - Throws: the reason why it cannot be served.
    func start(_ board: LiveBoard, page: LivePage, hostName: String) throws(MonitorError) -> LiveServer {
        var token = try tokenFile.map { (file) throws(MonitorError) in try AccessToken(file: file) }
        if token == nil, !address.isLoopback { token = AccessToken.random() }
        return try LiveServer(
            board,
            at: address,
            token: token,
            showsToken: tokenFile == nil,
            hostName: hostName,
            page: page
        )
    }
}
