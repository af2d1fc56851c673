import Foundation
import Runtime

/// How far a run is, on one line of a terminal.
final class ProgressLine {
    private let line: StatusLine
    private let started = Date()

    init(isShown: Bool) {
        line = StatusLine(isShown: isShown)
    }

    func update(_ event: SessionEvent) { line.show(text(event)) }

    /// Takes the line away.
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
