public import CostModel

/// The errors of a class of rows of one table.
public struct Score: Codable, Equatable, Sendable {
    /// The table.
    public let file: String
    /// The rows.
    public let rows: String
    /// Errors with the constants of the profile.
    public let errors: ErrorSummary
    /// Errors over five folds, each predicted by constants that were fitted to the others; nil unless asked for, and
    /// where nothing was fitted.
    public let folds: ErrorSummary?
    /// The row with the largest error.
    public let worst: RowPrediction
    /// What the errors are meant to be, or nil.
    public let target: ErrorTarget?
    /// Whether they are, or nil without a target.
    public let isMet: Bool?
}

/// The scores of one table, and what was fitted on which rows to get them.
public struct TableScore: Codable, Equatable, Sendable {
    /// The table.
    public let file: String
    /// What it holds.
    public let kind: TimingKind
    /// Rows.
    public let rows: Int
    /// The hardware.
    public let hardware: [String]
    /// The constants that the predictions read and that were fitted on this hardware.
    public let fittedConstants: [HardwareConstant]
    /// On which rows they were, by the profile.
    public let fittedOn: [String]
    /// Scores by class of rows.
    public let scores: [Score]
}

/// The errors of rows of a kind under constants that were fitted without any of them.
public struct HeldOutScore: Codable, Equatable, Sendable {
    /// The hardware.
    public let hardware: String
    /// The rows.
    public let rows: String
    /// Errors.
    public let errors: ErrorSummary
}

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
