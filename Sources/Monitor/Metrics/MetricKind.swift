/// The type of a metric in Prometheus.
public enum MetricKind: String, CaseIterable, Sendable {
    /// It only grows while the run lasts.
    case counter
    /// It goes up and down.
    case gauge
    /// Counts of values at or below the bounds of buckets, their sum and their number.
    case histogram
    /// The sum of values and their number, from which the mean follows; no quantiles.
    case summary
}
