/// A measured time and what the model says.
public struct RowPrediction: Codable, Equatable, Sendable {
    /// The table.
    public let file: String
    /// Its line.
    public let line: Int
    /// The hardware.
    public let hardware: String
    /// What was measured.
    public let figure: TimingFigure
    /// The setting, in words.
    public let setting: String
    /// Microseconds.
    public let measuredUs: Double
    /// Microseconds.
    public let predictedUs: Double
    /// Predicted over measured, less 1.
    public let error: Double
    /// The error of a prediction by constants that were fitted without this row and every fifth like it; nil unless
    /// asked for, and where nothing was fitted.
    public let foldError: Double?
    /// Where the row lies beyond the range of the data that the model was checked on.
    public let notes: [String]
}
