public import Reports

/// The loop over the unfinished runs of a sweep, one at a time; each is kept as soon as it has ended.
public struct SweepLoop {
    /// An event of the loop, for progress messages.
    public enum Event {
        /// A run begins.
        case began(SweepWork.Run)
        /// A run has ended, finished or failed.
        case ended(PointRecord, SweepWork.Run)
        /// The loop has ended.
        case finished
    }

    /// The finished and unfinished runs.
    public private(set) var work: SweepWork
    private let folder: SweepFolder
    private let runner: any PointRunner
    private let tell: (Event, SweepWork) -> Void
    private var summaryWriter: SweepSummaryWriter

    /// Create a loop over the unfinished runs.
    ///
    /// - Parameters:
    ///   - folder: the folder of the sweep, which receives every run.
    ///   - runner: the runner of points.
    ///   - tell: the function that is called for each event, with the work at that time.
    public init(
        work: SweepWork,
        folder: SweepFolder,
        runner: any PointRunner,
        tell: @escaping (Event, SweepWork) -> Void
    ) {
        self.work = work
        self.folder = folder
        self.runner = runner
        self.tell = tell
        summaryWriter = SweepSummaryWriter(folder: folder)
    }

    /// Run until no run is left, or the user interrupts.
    ///
    /// - Parameter isInterrupted: the check for an interrupt, called before each run.
    /// - Throws: the reason why the folder cannot be written.
    public mutating func run(isInterrupted: () -> Bool) throws {
        defer { tell(.finished, work) }
        try summaryWriter.finish(work.summary)
        for next in work.left {
            if isInterrupted() { break }
            tell(.began(next), work)
            let place = try folder.begin(next.name)
            guard let record = record(of: next, in: place) else {
                try folder.discard(next.name)
                break
            }
            try folder.keep(record)
            work.add(record, next)
            try summaryWriter.update(work.summary)
            tell(.ended(record, next), work)
        }
        try summaryWriter.finish(work.summary)
        try folder.close()
    }

    /// Run a point and return its record, or nil when the user interrupted the sweep meanwhile.
    private func record(of run: SweepWork.Run, in place: String) -> PointRecord? {
        let started = ContinuousClock.now
        guard let outcome = try? runner.run(run.point, in: place) else { return nil }
        return PointRecord(
            outcome,
            name: run.name,
            seed: run.point.seed,
            clock: work.plan.file.clock,
            seconds: (ContinuousClock.now - started) / .seconds(1)
        )
    }
}

/// A runner of a sweep's points, one at a time: by processes, or by a cost model.
public protocol PointRunner {
    /// Run or predict a point once.
    ///
    /// - Parameter folder: an empty folder for this run alone; files left in it are kept with the point.
    /// - Returns: the verdict and the figures of the run.
    /// - Throws: ``PointInterruption`` when the user interrupted the sweep; a run that fails is an outcome.
    func run(_ point: SweepPoint, in folder: String) throws(PointInterruption) -> PointOutcome
}

/// The interruption of a sweep by the user while a point ran.
public struct PointInterruption: Error {
    /// Create an interruption.
    public init() {}
}

/// The writer of `summary.csv`: it writes after every run, as long as writing takes at most a tenth of the sweep's
/// time.
///
/// The folders are the truth, and the file can be made from them at any time; rewriting a long file after each of
/// thousands of predictions would take longer than the predictions.
struct SweepSummaryWriter {
    private static let largestShare = 0.1

    private let folder: SweepFolder
    private var lastEnd = ContinuousClock.now
    private var lastDuration = Duration.zero

    init(folder: SweepFolder) {
        self.folder = folder
    }

    /// Write the summary, unless the last writing took more than a tenth of the time since.
    mutating func update(_ summary: @autoclosure () -> SweepSummary) throws {
        guard lastDuration < (ContinuousClock.now - lastEnd) * Self.largestShare else { return }
        try finish(summary())
    }

    /// Write the summary in any case.
    mutating func finish(_ summary: SweepSummary) throws {
        let started = ContinuousClock.now
        try folder.writeSummary(summary)
        lastEnd = .now
        lastDuration = lastEnd - started
    }
}
