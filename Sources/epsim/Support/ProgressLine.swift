import Foundation
import Runtime

/// One line on standard error that is redrawn while a run is under way; nothing when that is not a terminal.
final class ProgressLine {
    /// Redraws at most this often, in seconds.
    private static let pause = 0.1

    private let isShown: Bool
    private let started = Date()
    private var lastDrawn = Date.distantPast
    private var isDrawn = false

    init(isShown: Bool) {
        self.isShown = isShown && Console.showsProgress
    }

    func update(_ event: SessionEvent) {
        guard isShown, let text = text(event), Date().timeIntervalSince(lastDrawn) >= Self.pause else { return }
        lastDrawn = Date()
        draw(text)
    }

    /// Takes the line away.
    func end() {
        guard isDrawn else { return }
        draw("")
        isDrawn = false
    }

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
        case .verifying(let step, let total):
            return "recomputing step \(step + 1) of \(total) (\(seconds) s)"
        }
    }

    private func draw(_ text: String) {
        // Back to the first column, then clear to the end of the line.
        Console.write("\r\u{1B}[K\(text)")
        isDrawn = true
    }
}
