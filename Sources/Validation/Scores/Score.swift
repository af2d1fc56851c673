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
