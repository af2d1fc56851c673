/// The outcome of one run of a sweep: a verdict, and figures where there are some.
public struct PointOutcome: Equatable, Sendable {
    /// The verdict.
    public let status: RunStatus
    /// Why the status is not `valid`.
    public let reasons: [String]
    /// What a reader should know before comparing figures, of a prediction.
    public let notes: [String]
    /// The figures; without values where the run failed.
    public let figures: PointFigures

    /// An outcome.
    public init(status: RunStatus, reasons: [String], notes: [String] = [], figures: PointFigures) {
        self.status = status
        self.reasons = reasons
        self.notes = notes
        self.figures = figures
    }

    /// The outcome of a run that left a report.
    public init(_ report: Report) {
        status = report.status
        reasons = report.reasons
        // Those of a measured run are about its processes, which the table has marks for.
        notes = report.clock == .modelled ? report.warnings : []
        figures = PointFigures(report)
    }

    /// The outcome of a run that came to nothing.
    public init(failure: String) {
        status = .failed
        reasons = [failure]
        notes = []
        figures = PointFigures()
    }
}

/// The name of a run of a sweep's point, and of its folder, for example `9c1f0a2b3c4d5e6f-r1`.
public struct PointName: Codable, Equatable, Hashable, Sendable, CustomStringConvertible {
    /// Hexadecimal digits that stand for the configuration.
    public let point: String
    /// Which of the runs of the point, from 1.
    public let `repeat`: Int

    /// A name.
    public init(point: String, repeat: Int) {
        self.point = point
        self.repeat = `repeat`
    }

    /// `<point>-r<repeat>`.
    public var description: String { "\(point)-r\(`repeat`)" }
}
