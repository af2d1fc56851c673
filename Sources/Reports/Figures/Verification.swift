/// Tokens that were recomputed by a plain loop over experts in one process.
public struct Verification: Codable, Equatable, Sendable {
    /// Tokens whose outputs differ, or nil when the run was not verified.
    @OrNull public private(set) var wrongTokens: Int?
    /// Tokens compared, or nil when the run was not verified.
    @OrNull public private(set) var checkedTokens: Int?

    /// No token was compared.
    public static let none = Verification(wrongTokens: nil, checkedTokens: nil)

    /// `wrongTokens` of `checkedTokens` differ.
    public init(wrongTokens: Int, checkedTokens: Int) {
        self.init(wrongTokens: .some(wrongTokens), checkedTokens: .some(checkedTokens))
    }

    private init(wrongTokens: Int?, checkedTokens: Int?) {
        self.wrongTokens = wrongTokens
        self.checkedTokens = checkedTokens
    }
}
