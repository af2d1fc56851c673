/// The errors of rows of a kind under constants that were fitted without any of them.
public struct HeldOutScore: Codable, Equatable, Sendable {
    /// The hardware.
    public let hardware: String
    /// The rows.
    public let rows: String
    /// Errors.
    public let errors: ErrorSummary
}
