import Basics
internal import Reports

/// A run as a block of text for a terminal: a title, figures of the last steps, and a bar per rank.
public struct LiveBlock: Equatable, Sendable {
    /// How much room there is, and what may stand in it.
    public struct Options: Equatable, Sendable {
        /// Columns of the terminal.
        public var width: Int
        /// Lines of the terminal.
        public var height: Int
        /// Whether block characters may be used; `#` and `.` otherwise.
        public var unicode: Bool

        /// Options; a terminal that says it is smaller than 20 columns or 4 lines is taken for one that says nothing.
        public init(width: Int = 80, height: Int = 24, unicode: Bool = true) {
            self.width = width >= 20 ? width : 80
            self.height = height >= 4 ? height : 24
            self.unicode = unicode
        }
    }

    let summary: LiveSummary
    let options: Options

    /// A block that shows `summary`.
    public init(_ summary: LiveSummary, options: Options = Options()) {
        self.summary = summary
        self.options = options
    }

    /// The lines: none wider than the terminal less one column, and fewer than it has lines.
    public var lines: [String] {
        let warnings = summary.run.warning.map { ["note: " + Printable.text($0)] } ?? []
        let head = [title, progress] + figures + warnings
        let room = max(options.height - 1 - head.count, 0)
        return (head + ranks(room: room)).prefix(options.height - 1).map { String($0.prefix(options.width - 1)) }
    }

    /// The figures on one line, for where nothing can be redrawn.
    public var line: String { ([progressWords] + figures).joined(separator: "  ") }

    private var title: String { Printable.text("epsim run \(summary.run.id)  \(summary.run.config)") }

    private var progress: String {
        let done = summary.run.steps > 0 ? Double(summary.stepsDone) / Double(summary.run.steps) : 0
        let words = progressWords
        let columns = min(options.width - 3 - words.count, 30)
        guard columns >= 8, summary.stepsDone > 0 else { return words }
        return bar(filled: done, columns: columns) + "  " + words
    }

    private var progressWords: String {
        switch summary.stage {
        case .waiting:
            "waiting for workers: \(summary.workersReady) of \(summary.run.ranks) ready "
                + "(\(DurationText.of(summary.elapsedSeconds)))"
        case .warmup:
            "warm-up: \(summary.warmupLeft) of the steps before \(summary.run.steps) measured ones left"
        case .measuring:
            "step \(summary.stepsDone) of \(summary.run.steps)" + rate
                + (summary.secondsLeft.map { "  \(DurationText.of($0)) left" } ?? "")
        case .completed, .interrupted, .failed:
            "\(summary.stage.rawValue) after \(summary.stepsDone) steps, \(DurationText.of(summary.elapsedSeconds))"
                + rate
        }
    }

    private var rate: String {
        let steps = summary.stepsPerSecond.map { "  \(FixedPoint.text($0, significant: 3)) steps/s" } ?? ""
        return steps + (summary.tokensPerSecond.map { "  \(FixedPoint.text($0, decimals: 0)) tokens/s" } ?? "")
    }

    private var figures: [String] {
        guard summary.windowSteps > 0 else { return [] }
        let ratio = { (value: Double?) in value.map { FixedPoint.text($0, decimals: 2) } ?? "-" }
        let percent = { (value: Double?) in value.map { FixedPoint.text($0 * 100, decimals: 1) + " %" } ?? "-" }
        return [
            "imbalance \(ratio(summary.rankImbalance)) ranks, \(ratio(summary.expertImbalance)) experts  "
                + "dropped \(percent(summary.droppedFraction))",
            "communication \(percent(summary.communicationShare)) of the step, exposed "
                + percent(summary.exposedShare),
        ]
    }

    func bar(filled: Double, columns: Int) -> String {
        let count = Int((min(max(filled, 0), 1) * Double(columns)).rounded())
        let (full, empty): (Character, Character) = options.unicode ? ("█", "░") : ("#", ".")
        return String(repeating: full, count: count) + String(repeating: empty, count: columns - count)
    }
}
