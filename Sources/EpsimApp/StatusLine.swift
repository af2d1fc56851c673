import Foundation
import Runtime

/// One line on standard error that is redrawn; nothing when that is not a terminal.
public final class StatusLine {
    /// Redraws at most this often, in seconds.
    private static let pause = 0.1

    private let isShown: Bool
    private var lastDrawn = Date.distantPast
    private var isDrawn = false

    public init(isShown: Bool) {
        self.isShown = isShown && Console.showsProgress
    }

    /// Show a text in place of the last one, unless that has only just been drawn.
    public func show(_ text: @autoclosure () -> String?) {
        guard isShown, Date().timeIntervalSince(lastDrawn) >= Self.pause, let text = text() else { return }
        lastDrawn = Date()
        draw(text)
    }

    /// Take the line away.
    public func end() {
        guard isDrawn else { return }
        draw("")
        isDrawn = false
    }

    private func draw(_ text: String) {
        // Back to the first column, then clear to the end of the line.
        Console.write("\r\u{1B}[K\(text)")
        isDrawn = true
    }
}

/// How far a run is, on one line of a terminal.
final class ProgressLine {
    private let line: StatusLine
    private let started = Date()

    init(isShown: Bool) {
        line = StatusLine(isShown: isShown)
    }

    func update(_ event: SessionEvent) { line.show(text(event)) }

    /// Take the line away.
    func end() { line.end() }

    private func text(_ event: SessionEvent) -> String? {
        let seconds = Int(Date().timeIntervalSince(started))
        switch event {
        case .workersReady(let ready, let total):
            return "waiting for workers: \(ready) of \(total) ready (\(seconds) s)"
        case .stepDone(let step, let total) where step < 0:
            return "warm-up: \(-step - 1) of the steps before \(total) measured ones left (\(seconds) s)"
        case .stepDone(let step, let total):
            return "step \(step + 1) of \(total) (\(seconds) s)"
        case .measured:
            return nil
        case .predicted(let done, let total):
            return "layer \(done) of \(total) (\(seconds) s)"
        case .verifying(let step, let total):
            return "recomputing step \(step + 1) of \(total) (\(seconds) s)"
        }
    }
}
