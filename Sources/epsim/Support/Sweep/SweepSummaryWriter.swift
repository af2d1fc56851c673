import Reports

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
