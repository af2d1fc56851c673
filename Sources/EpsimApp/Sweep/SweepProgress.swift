import Reports
import Basics
import Foundation
import Sweeps

/// How far a sweep is, on one line of a terminal.
final class SweepProgress {
    private static let width = 79

    private let line: StatusLine
    private var text = ""
    private var left = 0.0
    private var started = Date()

    init(isShown: Bool) {
        line = StatusLine(isShown: isShown)
    }

    /// Shows an event. A failure is told at once, since a sweep may take hours.
    func show(_ event: SweepLoop.Event, _ work: SweepWork) {
        switch event {
        case .began(let run):
            begin(run, of: work)
        case .ended(let record, let run) where record.status == .failed:
            line.end()
            let reasons = record.reasons.joined(separator: "; ")
            Console.note("epsim: \(run.point.label) repeat \(run.name.repeat) failed: \(reasons)")
        case .ended:
            break
        case .finished:
            line.end()
        }
    }

    private func begin(_ run: SweepWork.Run, of work: SweepWork) {
        let turn = work.plan.file.repeats > 1 ? ", repeat \(run.name.repeat)" : ""
        text = "run \(work.done + 1) of \(work.runs.count): \(run.point.label)\(turn)"
        left = work.secondsLeft
        started = Date()
        update()
    }

    /// Redraws the line every now and then.
    func update() { line.show(shown) }

    /// The time left stands at the beginning, where a narrow terminal does not cut it off.
    private var shown: String {
        let rest = DurationText.of(max(0, left - Date().timeIntervalSince(started)))
        return String("about \(rest) left; \(text)".prefix(Self.width))
    }
}
