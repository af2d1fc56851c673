/// Tokens that were recomputed by a plain loop over experts in one process.
public struct Verification: Codable, Equatable, Sendable {
    /// Tokens whose outputs differ, or nil when the run was not verified.
    @OrNull public private(set) var wrongTokens: Int?
    /// Tokens compared, or nil when the run was not verified.
    @OrNull public private(set) var checkedTokens: Int?
    /// sqrt(sum of squared errors / sum of squares) of the layers' outputs against rows that travel in singles: what the
    /// number types of the wire cost, beside the rounding of the products. Nil when the run was not verified.
    @OrNull public private(set) var relativeError: Double?

    /// No token was compared.
    public static let none = Verification(wrongTokens: nil, checkedTokens: nil, error: nil)

    /// `wrongTokens` of `checkedTokens` differ.
    public init(wrongTokens: Int, checkedTokens: Int, relativeError: Double? = nil) {
        self.init(wrongTokens: .some(wrongTokens), checkedTokens: .some(checkedTokens), error: relativeError)
    }

    private init(wrongTokens: Int?, checkedTokens: Int?, error: Double?) {
        self.wrongTokens = wrongTokens
        self.checkedTokens = checkedTokens
        relativeError = error
    }
}
