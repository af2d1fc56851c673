/// The comparison of outputs with a plain loop over experts in one process.
public struct Verification: FigureSection {
    /// The path of this part in the report.
    public static let section = Figure.Section.verification
    /// The figures of this part; without values when the run was not verified.
    public let figures: FigureValues

    /// A part that holds the given figures.
    public init(figures: FigureValues) { self.figures = figures }

    /// The verification of a run in which no token was compared.
    public static let none = Verification(figures: FigureValues())

    /// A verification in which `wrongTokens` of `checkedTokens` tokens differ.
    public init(wrongTokens: Int, checkedTokens: Int, relativeError: Double? = nil) {
        var figures = FigureValues()
        figures[whole: .wrongTokens] = wrongTokens
        figures[whole: .checkedTokens] = checkedTokens
        figures[.relativeError] = relativeError
        self.figures = figures
    }

    /// The number of tokens whose outputs differ, or nil when the run was not verified.
    public var wrongTokens: Int? { figures[whole: .wrongTokens] }
    /// The number of tokens compared, or nil when the run was not verified.
    public var checkedTokens: Int? { figures[whole: .checkedTokens] }
}
