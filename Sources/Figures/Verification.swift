/// Tokens that were recomputed by a plain loop over experts in one process.
public struct Verification: FigureSection {
    /// Its path in the report.
    public static let section = Figure.Section.verification
    /// Its figures; without values when the run was not verified.
    public let figures: FigureValues

    /// The part of the given figures.
    public init(figures: FigureValues) { self.figures = figures }

    /// No token was compared.
    public static let none = Verification(figures: FigureValues())

    /// `wrongTokens` of `checkedTokens` differ.
    public init(wrongTokens: Int, checkedTokens: Int, relativeError: Double? = nil) {
        var figures = FigureValues()
        figures[whole: .wrongTokens] = wrongTokens
        figures[whole: .checkedTokens] = checkedTokens
        figures[.relativeError] = relativeError
        self.figures = figures
    }

    /// Tokens whose outputs differ, or nil when the run was not verified.
    public var wrongTokens: Int? { figures[whole: .wrongTokens] }
    /// Tokens compared, or nil when the run was not verified.
    public var checkedTokens: Int? { figures[whole: .checkedTokens] }
}
