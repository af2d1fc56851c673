import Basics
internal import Reports

/// A run as a block of text for a terminal: a title, figures of the last steps, and a bar per rank.
public struct LiveBlock: Equatable, Sendable {
    /// The size of the terminal, and the characters that may be used.
    public struct Options: Equatable, Sendable {
        /// The number of columns of the terminal.
        public var width: Int
        /// The number of lines of the terminal.
        public var height: Int
        /// Whether block characters may be used; `#` and `.` otherwise.
        public var unicode: Bool

        /// Create options; a terminal of less than 20 columns or 4 lines is taken for one that does not tell its size.
        public init(width: Int = 80, height: Int = 24, unicode: Bool = true) {
            self.width = width >= 20 ? width : 80
            self.height = height >= 4 ? height : 24
            self.unicode = unicode
        }
    }

    let summary: LiveSummary
    let options: Options

    /// Create a block that shows `summary`.
    public init(_ summary: LiveSummary, options: Options = Options()) {
        self.summary = summary
        self.options = options
    }

    /// The lines of the block: each shorter than the terminal is wide, and fewer than it has lines.
    public var lines: [String] {
        let warnings = summary.run.warning.map { ["note: " + Printable.text($0)] } ?? []
        let head = [title, progress] + figures + warnings
        let room = max(options.height - 1 - head.count, 0)
        return (head + ranks(room: room)).prefix(options.height - 1).map { String($0.prefix(options.width - 1)) }
    }

    /// The figures on one line, for output that cannot be redrawn.
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

extension LiveBlock {
    /// The largest number of columns of a bar.
    private static let widestBar = 60

    /// The bars of the ranks in at most `room` lines: all in order, or the busiest and a line for the rest.
    func ranks(room: Int) -> [String] {
        let loads = summary.rankLoads
        let peaks = summary.rankPeaks
        guard room >= 3, peaks.count == loads.count, let highest = peaks.max(), highest > 0 else { return [] }
        let busiest = loads.indices.sorted { (loads[$0], $1) > (loads[$1], $0) }
        let fits = loads.count <= room - 1
        let shown = fits ? Array(loads.indices) : Array(busiest.prefix(room - 2))
        let scale = max(highest, 1.25)
        let digits = "\(loads.count - 1)".count
        let columns = min(options.width - digits - 28, Self.widestBar)
        var lines = shown.map { rank in
            let label = String(repeating: " ", count: digits - "\(rank)".count) + "\(rank)"
            let bar = bar(loads[rank], peak: peaks[rank], scale: scale, columns: columns)
            return "rank \(label) \(bar) \(text(loads[rank])), at most \(text(peaks[rank]))"
        }
        let rest = busiest.dropFirst(shown.count)
        if !fits, let most = rest.first, let least = rest.last {
            lines.append("\(rest.count) more ranks: \(text(loads[least])) to \(text(loads[most]))")
        }
        return lines + [legend]
    }

    private var legend: String {
        let steps = summary.windowSteps == 1 ? "the last step" : "the last \(summary.windowSteps) steps"
        return "copies / mean over ranks (\(meanMark)), over \(steps); \(peakFill) to the most of a layer"
    }

    private var meanMark: Character { options.unicode ? "│" : "|" }

    private var peakFill: Character { options.unicode ? "▒" : "=" }

    /// A bar of one load, thinner up to its peak, with a mark at the mean over ranks.
    private func bar(_ load: Double, peak: Double, scale: Double, columns: Int) -> String {
        guard columns >= 4 else { return "" }
        var bar = Array(bar(filled: load / scale, columns: columns))
        let filled = Int((min(load / scale, 1) * Double(columns)).rounded())
        let end = Int((min(peak / scale, 1) * Double(columns)).rounded())
        for column in filled..<max(filled, end) { bar[column] = peakFill }
        bar[min(Int((Double(columns) / scale).rounded()), columns - 1)] = meanMark
        return String(bar)
    }

    private func text(_ ratio: Double) -> String { FixedPoint.text(ratio, decimals: 2) }
}
