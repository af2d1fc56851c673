import Basics

/// Text in the exposition format of Prometheus, version 0.0.4.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
public struct MetricText {
    /// The content type of the text in HTTP.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The lines so far, each ended by a line feed.
    public private(set) var text = ""

    /// Create an empty text.
    init() {
        text.reserveCapacity(1 << 14)
    }

    /// Add the lines HELP and TYPE of a metric, before its samples.
    mutating func begin(_ name: String, _ kind: MetricKind, help: String) {
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// Add one sample.
    ///
    /// - Parameters:
    ///   - name: the name of the metric, with its suffix.
    ///   - labels: the labels in the form of ``labels(_:)``, or the empty text.
    mutating func sample(_ name: String, _ labels: String = "", _ value: some MetricValue) {
        line(name, labels, value.metricText)
    }

    /// Add the samples of one histogram of a table.
    mutating func histogram(_ name: String, _ labels: String = "", _ table: HistogramTable, series: Int) {
        let counts = table.cumulativeCounts(series: series)
        let before = labels.isEmpty ? "" : labels + ","
        for (bound, count) in zip(table.bounds + [.infinity], counts) {
            line(name + "_bucket", "\(before)le=\"\(bound.metricText)\"", String(count))
        }
        line(name + "_sum", labels, table.sum(series: series).metricText)
        line(name + "_count", labels, String(counts.last ?? 0))
    }

    /// Add the samples of a summary: the sum and the number of its values.
    mutating func summary(_ name: String, _ labels: String = "", sum: Double, count: Int) {
        line(name + "_sum", labels, sum.metricText)
        line(name + "_count", labels, String(count))
    }

    /// The text of labels, as it stands between braces.
    static func labels(_ pairs: KeyValuePairs<String, String>) -> String {
        pairs.map { "\($0.key)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
    }

    private mutating func line(_ name: String, _ labels: String, _ value: String) {
        text += name
        if !labels.isEmpty {
            text += "{"
            text += labels
            text += "}"
        }
        text += " "
        text += value
        text += "\n"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        text.escaped { scalar in
            switch scalar {
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\"" where quotes: "\\\""
            default: nil
            }
        }
    }
}

/// The value of a sample: a count, or a number that may have a fraction.
protocol MetricValue: AdditiveArithmetic, SendableMetatype {
    /// The shortest text that reads back as the same value.
    var metricText: String { get }
}

extension Int: MetricValue {
    var metricText: String { String(self) }
}

extension Double: MetricValue {
    var metricText: String {
        guard isFinite else { return isNaN ? "NaN" : self > 0 ? "+Inf" : "-Inf" }
        return description
    }
}
