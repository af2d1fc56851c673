import Basics

/// A report as text for a terminal: header, one row per rank, summaries, verdict.
///
/// The layout follows the habits of nccl-tests: header lines begin with `#`, tables have a header row and a units row,
/// the verdict stands last. The same report gives the same text.
public struct TerminalReport: Sendable {
    /// How to write.
    public struct Options: Equatable, Sendable {
        /// The narrowest width that lines are broken at.
        public static let narrowest = 40

        /// True to colour warnings and the verdict.
        public var color: Bool
        /// Characters at which text is broken and tables are cut into parts; whole tables need up to 120.
        public var width: Int
        /// True to show how loads and losses went over the steps also where the router does not learn.
        public var showsOverSteps: Bool

        /// Plain text for 120 columns unless said otherwise.
        public init(color: Bool = false, width: Int = 120, showsOverSteps: Bool = false) {
            self.color = color
            self.width = width
            self.showsOverSteps = showsOverSteps
        }
    }

    let report: Report
    let options: Options

    /// The report as lines, each ended by a line feed.
    public static func render(_ report: Report, options: Options = Options()) -> String {
        TerminalReport(report: report, options: options).lines().joined(separator: "\n") + "\n"
    }

    private func lines() -> [String] {
        var sections = [header()]
        if report.steps > 0 {
            let all = [rankSection(), loadSection(), overStepsSection(), stepSection(), limitSection()]
            sections += all.filter { !$0.isEmpty }
        }
        sections.append(verdict())
        return Array(sections.joined(separator: [""]))
    }

    /// Characters of a line.
    var width: Int { max(options.width, Options.narrowest) }

    /// `text` made safe and broken at the width.
    func wrapped(_ text: String, prefix: String = "", continuation: String = "  ") -> [String] {
        LineWrap.lines(
            Printable.text(text),
            width: width,
            prefix: prefix,
            continuation: continuation
        )
    }

    /// A figure without a unit, three decimals; `-` when there is none.
    static func ratio(_ value: Double?) -> String {
        value.map { FixedPoint.text($0, decimals: 3) } ?? "-"
    }

    /// A part of a whole, in per cent with one decimal; `-` when there is none.
    static func percent(_ value: Double?) -> String {
        value.map { FixedPoint.text($0 * 100, decimals: 1) } ?? "-"
    }
}
