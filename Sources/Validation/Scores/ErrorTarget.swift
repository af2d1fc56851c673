/// The target for the errors of a class of rows.
public struct ErrorTarget: Codable, Equatable, Sendable {
    /// What a median over folds may be of the median of the fit.
    public static let foldRatio = 1.3

    /// The largest median.
    public let median: Double
    /// The largest 95th percentile, or nil.
    public let p95: Double?
    /// The largest error of any row, or nil.
    public let largest: Double?

    /// Whether errors are within it; those over folds, too, when there are any.
    public func isMet(by errors: ErrorSummary, folds: ErrorSummary?) -> Bool {
        errors.median <= median && errors.p95 <= p95 ?? .infinity && errors.largest <= largest ?? .infinity
            && (folds.map { $0.median <= Self.foldRatio * errors.median } ?? true)
    }
}
