/// The figures of one point on both sides.
public struct PointComparison: Codable, Equatable, Sendable {
    /// What a sweep varies, `key=value` in its order; empty for runs.
    public let parameters: [String]
    /// One row per figure that a side has.
    public let rows: [FigureDifference]

    /// The row of a figure, by its path in `report.json`.
    public func row(_ figure: String) -> FigureDifference? { rows.first { $0.figure == figure } }

    /// Two single runs: their steps are the repeats, where a report has the figure of a step.
    init(stepsOf a: Report, _ b: Report, confidence: Double) {
        self.init([], ComparedFigure.all + ComparedFigure.losses(of: [a, b]), confidence) { figure in
            (Self.steps(figure, a), Self.steps(figure, b))
        }
    }

    /// Runs of two configurations, each a repeat.
    init(runs a: [Report], _ b: [Report], confidence: Double) {
        self.init([], ComparedFigure.all + ComparedFigure.losses(of: a + b), confidence) { figure in
            (a.compactMap(figure.run), b.compactMap(figure.run))
        }
    }

    /// The runs of a point of two sweeps, each a repeat.
    init(_ parameters: [String], _ a: [PointFigures], _ b: [PointFigures], confidence: Double) {
        self.init(parameters, ComparedFigure.all.filter { $0.point != nil }, confidence) { figure in
            (a.compactMap { figure.point?($0) }, b.compactMap { figure.point?($0) })
        }
    }

    private init(
        _ parameters: [String],
        _ figures: [ComparedFigure],
        _ confidence: Double,
        _ values: (ComparedFigure) -> (a: [Double], b: [Double])
    ) {
        self.parameters = parameters
        rows = figures.compactMap { figure in
            let (a, b) = values(figure)
            guard !a.isEmpty || !b.isEmpty else { return nil }
            return FigureDifference(figure, a: a, b: b, confidence: confidence)
        }
    }

    private static func steps(_ figure: ComparedFigure, _ report: Report) -> [Double] {
        guard let step = figure.step else { return figure.run(report).map { [$0] } ?? [] }
        return report.perStep.compactMap(step)
    }
}
