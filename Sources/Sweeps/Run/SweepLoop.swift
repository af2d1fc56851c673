public import Reports

/// Runs what is left of a sweep, one run at a time, and keeps each as soon as it has ended.
public struct SweepLoop {
    /// An event of the loop, for a person who waits.
    public enum Event {
        /// A run begins.
        case began(SweepWork.Run)
        /// A run has ended, well or not.
        case ended(PointRecord, SweepWork.Run)
        /// Nothing more will run.
        case finished
    }

    /// What has been done, and what is left.
    public private(set) var work: SweepWork
    private let folder: SweepFolder
    private let runner: any PointRunner
    private let tell: (Event, SweepWork) -> Void
    private var summaryWriter: SweepSummaryWriter

    /// A loop over the runs that are left.
    ///
    /// - Parameters:
    ///   - folder: the folder of the sweep, which receives every run.
    ///   - runner: runs a point.
    ///   - tell: told of each event, with the work as it stands then.
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

    /// Run until nothing is left, or somebody ends it.
    ///
    /// - Parameter isInterrupted: asked before each run.
    /// - Throws: what keeps the folder from being written.
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

    /// The record of a run, or nil when somebody ended the sweep meanwhile.
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
}

/// Runs the points of a sweep, one at a time: as processes, or by a model.
public protocol PointRunner {
    /// Run a point.
    ///
    /// - Parameter folder: an empty folder for this run alone; what is left in it is kept with the point.
    /// - Returns: its verdict and figures.
    /// - Throws: ``PointInterruption`` when somebody ended the sweep; a run that fails is an outcome.
    func run(_ point: SweepPoint, in folder: String) throws(PointInterruption) -> PointOutcome
}

/// The end of a sweep by somebody while a point ran.
public struct PointInterruption: Error {
    /// An end.
    public init() {}
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

    /// Write the file unless it has only just been written.
    mutating func update(_ summary: @autoclosure () -> SweepSummary) throws {
        guard lastDuration < (ContinuousClock.now - lastEnd) * Self.largestShare else { return }
        try finish(summary())
    }

    /// Write the file.
    mutating func finish(_ summary: SweepSummary) throws {
        let started = ContinuousClock.now
        try folder.writeSummary(summary)
        lastEnd = .now
        lastDuration = lastEnd - started
    }
}
