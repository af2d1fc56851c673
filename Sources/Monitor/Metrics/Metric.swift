import Basics

/// One metric: its name, what it means, and how it is read off a state.
///
/// ``all`` is the one table of them; the exposition and the documentation follow it.
public struct Metric: Sendable {
    /// Its name: begins with `epsim_`, ends with the unit, and with `_total` where it is a counter.
    public let name: String
    /// What it is.
    public let kind: MetricKind
    /// What it means, in one line.
    public let help: String
    /// Its labels, beside `le` of a histogram.
    public let labels: [String]
    let write: @Sendable (_ name: String, _ state: LiveState, _ text: inout MetricText) -> Void

    init(
        _ name: String,
        _ kind: MetricKind,
        labels: [String] = [],
        _ help: String,
        write: @escaping @Sendable (String, LiveState, inout MetricText) -> Void
    ) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
        self.write = write
    }

    /// All metrics in the order in which they are shown.
    public static let all: [Metric] = ofRun + ofSteps + ofRanks + ofLayers

    /// All metrics as a table in Markdown.
    public static var markdown: String {
        let rows = all.map { metric in
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
            return ["`\(metric.name)`", metric.kind.rawValue, labels.isEmpty ? "–" : labels, metric.help]
        }
        return MarkdownTable.text(["metric", "type", "labels", "meaning"], rows: rows)
    }

    /// The exposition of a state: every metric with its samples.
    public static func exposition(_ state: LiveState) -> String {
        var text = MetricText()
        for metric in all {
            text.begin(metric.name, metric.kind, help: metric.help)
            metric.write(metric.name, state, &text)
        }
        return text.text
    }
}
