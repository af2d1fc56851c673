/// Measured times beside predicted ones.
public struct ValidationReport: Codable, Equatable, Sendable {
    /// The form of this report.
    public let schemaVersion: Int
    /// Tables in the order in which they were given.
    public let tables: [TableScore]
    /// Rows of a kind that were kept from the fit together; nil unless asked for.
    public let heldOut: [HeldOutScore]?
    /// Every row.
    public let predictions: [RowPrediction]
}
