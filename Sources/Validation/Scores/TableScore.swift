public import CostModel

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
