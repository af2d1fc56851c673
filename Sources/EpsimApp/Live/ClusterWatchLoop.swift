import Cluster
import Foundation
import Monitor
import Runtime

/// Shows a cluster until the user has had enough or it is gone: a block that is redrawn on a terminal, a line a second
/// elsewhere.
struct ClusterWatchLoop {
    /// Seconds between two looks, on a terminal and elsewhere.
    private static let pause = (terminal: 0.2, elsewhere: 1.0)

    let watch: ClusterWatch

    /// - Throws: exit code 130 when the user ends it; the error of the first look.
    func run() throws {
        let interrupt = Interrupt()
        let sources = interrupt.watch()
        defer { withExtendedLifetime(sources) {} }
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
