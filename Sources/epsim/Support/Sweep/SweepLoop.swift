import Configuration
import Foundation
import Reports
import Runtime

/// Runs what is left of a sweep, one run at a time, and keeps each as soon as it has ended.
struct SweepLoop {
    private(set) var work: SweepWork
    private let folder: SweepFolder
    private let runner: any PointRunner
    private let progress: SweepProgress
    private var summaryWriter: SweepSummaryWriter

    init(work: SweepWork, folder: SweepFolder, runner: any PointRunner, progress: SweepProgress) {
        self.work = work
        self.folder = folder
        self.runner = runner
        self.progress = progress
        summaryWriter = SweepSummaryWriter(folder: folder)
    }

    /// Runs until nothing is left, or somebody ends it.
    mutating func run(_ interrupt: Interrupt) throws {
        defer { progress.end() }
        try summaryWriter.finish(work.summary)
        for next in work.left {
            if interrupt.isRaised { break }
            progress.begin(next, of: work)
            let place = try folder.begin(next.name)
            guard let record = record(of: next, in: place) else {
                try folder.discard(next.name)
                break
            }
            try folder.keep(record)
            work.add(record, next)
            try summaryWriter.update(work.summary)
            tell(record, next)
        }
        try summaryWriter.finish(work.summary)
        try folder.close()
    }

    /// What came of a run, or nil when somebody ended the sweep meanwhile.
    private func record(of run: SweepWork.Run, in place: String) -> PointRecord? {
        let started = ContinuousClock.now
        guard let outcome = try? runner.run(run.point, in: place) else { return nil }
        return PointRecord(
            outcome,
            name: run.name,
            seed: run.point.seed,
            clock: work.plan.file.clock == .measured ? .measured : .modelled,
            seconds: (ContinuousClock.now - started) / .seconds(1)
        )
    }

    /// A failure is told at once, since a sweep may take hours.
    private func tell(_ record: PointRecord, _ run: SweepWork.Run) {
        guard record.status == .failed else { return }
        progress.end()
        let reasons = record.reasons.joined(separator: "; ")
        Console.note("epsim: \(run.point.label) repeat \(run.name.repeat) failed: \(reasons)")
    }
}

/// Keeps `summary.csv` as good as the folders: after every run, as long as that takes at most a tenth of the time.
///
/// The folders are the truth, and the file can be made from them at any time; rewriting a long file after each of
/// thousands of predictions would take longer than these.
struct SweepSummaryWriter {
    private static let largestShare = 0.1

    private let folder: SweepFolder
    private var lastEnd = ContinuousClock.now
    private var lastDuration = Duration.zero

    init(folder: SweepFolder) {
        self.folder = folder
    }

    /// Writes the file unless it has only just been written.
    mutating func update(_ summary: @autoclosure () -> SweepSummary) throws {
        guard lastDuration < (ContinuousClock.now - lastEnd) * Self.largestShare else { return }
        try finish(summary())
    }

    /// Writes the file.
    mutating func finish(_ summary: SweepSummary) throws {
        let started = ContinuousClock.now
        try folder.writeSummary(summary)
        lastEnd = .now
        lastDuration = lastEnd - started
    }
}
