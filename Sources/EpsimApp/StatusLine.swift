import Foundation
import Runtime

/// A line on standard error that is redrawn in place; never shown when standard error is no terminal.
final class StatusLine {
    /// The least time between two redraws, in seconds.
    private static let pause = 0.1

    private let isShown: Bool
    private var lastDrawn = Date.distantPast
    private var isDrawn = false

    /// Create a line.
    ///
    /// - Parameter isShown: false for a line that is never drawn.
    init(isShown: Bool) {
        self.isShown = isShown && Console.showsProgress
    }

    /// Show a text in place of the last one; ignored within a tenth of a second of the last redraw.
    func show(_ text: @autoclosure () -> String?) {
        guard isShown, Date().timeIntervalSince(lastDrawn) >= Self.pause, let text = text() else { return }
        lastDrawn = Date()
        draw(text)
    }

    /// Erase the line.
    func end() {
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

/// The progress of a run or a prediction, on one line of the terminal.
final class ProgressLine {
    private let line: StatusLine
    private let started = Date()

    init(isShown: Bool) {
        line = StatusLine(isShown: isShown)
    }

    func update(_ event: SessionEvent) { line.show(text(event)) }

    /// Erase the line.
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
        case .measured, .placed:
            return nil
        case .predicted(let done, let total):
            return "layer \(done) of \(total) (\(seconds) s)"
        case .verifying(let step, let total):
            return "recomputing step \(step + 1) of \(total) (\(seconds) s)"
        }
    }
}
