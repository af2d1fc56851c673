/// What the coordinator's own thread works, overlapped or not: processor seconds per step, summed over layers, mean over
/// steps.
public struct CoordinatorFigures: FigureSection {
    /// Its path in the report.
    public static let section = Figure.Section.coordinator
    /// Its figures.
    public let figures: FigureValues

    /// The part of the given figures.
    public init(figures: FigureValues) { self.figures = figures }
}
