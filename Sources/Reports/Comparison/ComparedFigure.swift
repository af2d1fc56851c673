import Records

/// A figure that runs are compared by, called as its path in `report.json`.
public struct ComparedFigure: Sendable {
    /// What the figure is counted in.
    public enum Unit: String, Codable, Sendable {
        /// Seconds.
        case seconds
        /// Per second.
        case perSecond = "per_second"
        /// A ratio without a unit.
        case ratio
        /// A part of a whole, 0 to 1.
        case share
        /// Bytes.
        case bytes
    }

    /// Which way is better.
    public enum Better: String, Codable, Sendable {
        /// The smaller.
        case lower
        /// The larger.
        case higher
        /// Neither.
        case neither
    }

    /// The path in `report.json`.
    public let name: String
    /// What it is called in tables.
    public let title: String
    /// Its unit.
    public let unit: Unit
    /// Which way is better.
    public let better: Better
    /// True for the figures that a chart shows first.
    public let isMain: Bool
    let run: @Sendable (Report) -> Double?
    let step: (@Sendable (StepFigures) -> Double?)?
    let point: (@Sendable (PointFigures) -> Double?)?

    /// A figure.
    ///
    /// - Parameters:
    ///   - run: the figure of a run.
    ///   - step: the figure of one step of a run, where a report has that.
    ///   - point: the figure of a run of a sweep, where its record has that.
    init(
        _ name: String,
        _ title: String,
        _ unit: Unit,
        _ better: Better,
        isMain: Bool = false,
        run: @escaping @Sendable (Report) -> Double?,
        step: (@Sendable (StepFigures) -> Double?)? = nil,
        point: (@Sendable (PointFigures) -> Double?)? = nil
    ) {
        self.name = name
        self.title = title
        self.unit = unit
        self.better = better
        self.isMain = isMain
        self.run = run
        self.step = step
        self.point = point
    }
}
