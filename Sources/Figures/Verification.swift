/// The comparison of a run's outputs with those of a plain loop over experts in one process.
public struct Verification: FigureSection {
    /// The section of the report that holds these figures.
    public static let section = Figure.Section.verification
    /// The values of the figures of this section; empty when the run was not verified.
    public let figures: FigureValues

    /// Create the section from the values of its figures.
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
