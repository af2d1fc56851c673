import Figures
import Records

/// A figure by which two sides are compared, with the functions that read its value from a run and from a step.
struct ComparedFigure: Sendable {
    let path: String
    let title: String
    let unit: Figure.Unit
    let better: Figure.Better
    let isMain: Bool
    /// The function that reads the figure from a run: from its report and the catalogue's figures in the report.
    let run: @Sendable (Report, FigureValues) -> Double?
    /// The function that reads the figure from one step of a run on so many ranks; nil where reports have no value per
    /// step.
    let step: (@Sendable (StepFigures, Int) -> Double?)?

    init(
        _ path: String,
        _ title: String,
        _ unit: Figure.Unit,
        _ better: Figure.Better,
        run: @escaping @Sendable (Report, FigureValues) -> Double?,
        step: (@Sendable (StepFigures, Int) -> Double?)? = nil
    ) {
        self.path = path
        self.title = title
        self.unit = unit
        self.better = better
        isMain = false
        self.run = run
        self.step = step
    }

    /// The figures of the catalogue that are compared.
    static let ofCatalogue: [ComparedFigure] = FigureName.compared.map { ComparedFigure($0) }

    private init(_ name: FigureName) {
        let figure = name.figure
        path = name.description
        title = name.title
        unit = figure.unit
        better = figure.better
        let isMean = (name.statistic ?? .mean) == .mean
        isMain = figure.isMain && isMean
        run = { _, figures in figures[name] }
        let ofStep: @Sendable (StepFigures, Int) -> Double? = { $0[figure, ranks: $1] }
        step = isMean && StepFigures.has(figure) ? ofStep : nil
    }

    /// The time in each phase. No direction is better, since less time in one phase may mean more in another.
    static let phases: [ComparedFigure] = Phase.allCases.map { phase in
        ComparedFigure(
            "time.phases.\(phase.rawValue)",
            "time in \(phase.rawValue)",
            .seconds,
            .neither,
            run: { report, _ in report.time.phases.first { $0.phase == phase }?.seconds }
        )
    }

    /// Return the router's losses in `reports`, in the order in which they first appear.
    static func losses(of reports: [Report]) -> [ComparedFigure] {
        var names: [String] = []
        for loss in reports.lazy.flatMap(\.load.losses) where !names.contains(loss.name) { names.append(loss.name) }
        return names.map { name in
            ComparedFigure("load.losses.\(name)", "loss: \(name)", .ratio, .lower) { report, _ in
                report.load.losses.first { $0.name == name }?.value.mean
            } step: { step, _ in
                step[loss: name]
            }
        }
    }
}

/// All compared figures of one point of two sweeps, or of two runs or sets of runs, with the values of both sides.
public struct PointComparison: Codable, Equatable, Sendable {
    /// The values that a sweep varies, each `key=value`, in its order; empty for runs.
    public let parameters: [String]
    /// One row per figure that at least one side has.
    public let rows: [FigureDifference]

    /// The row of a figure, by its path in `report.json`.
    public func row(_ figure: String) -> FigureDifference? { rows.first { $0.figure == figure } }

    /// A comparison of two single runs, whose measured steps are the repeats; a figure without values per step has one
    /// repeat.
    ///
    /// - Parameter confidence: the confidence of the intervals; nil for predictions, whose figures over all steps are
    ///   compared as they are.
    init(stepsOf a: Report, _ b: Report, confidence: Double?) {
        self.init([], Self.figures(of: [a, b]), confidence) { figure in
            let values = { (report: Report) in
                confidence == nil ? Self.whole(figure, report) : Self.steps(figure, report)
            }
            return (values(a), values(b))
        }
    }

    /// A comparison of runs of two configurations, each run a repeat; without a confidence, of predictions.
    init(runs a: [Report], _ b: [Report], confidence: Double?) {
        let sides = (a: a.map { ($0, $0.figures) }, b: b.map { ($0, $0.figures) })
        self.init([], Self.figures(of: a + b), confidence) { figure in
            (sides.a.compactMap(figure.run), sides.b.compactMap(figure.run))
        }
    }

    /// A comparison of the runs of one point in two sweeps, each run a repeat; without a confidence, of predictions.
    init(_ parameters: [String], _ a: [PointFigures], _ b: [PointFigures], confidence: Double?) {
        self.init(parameters, ComparedFigure.ofCatalogue, confidence) { figure in
            let values = { (points: [PointFigures]) in
                points.compactMap { point in FigureName(figure.path).flatMap { point[$0] } }
            }
            return (values(a), values(b))
        }
    }

    private init(
        _ parameters: [String],
        _ figures: [ComparedFigure],
        _ confidence: Double?,
        _ values: (ComparedFigure) -> (a: [Double], b: [Double])
    ) {
        self.parameters = parameters
        rows = figures.compactMap { figure in
            let (a, b) = values(figure)
            guard !a.isEmpty || !b.isEmpty else { return nil }
            return FigureDifference(figure, a: a, b: b, confidence: confidence)
        }
    }

    private static func figures(of reports: [Report]) -> [ComparedFigure] {
        ComparedFigure.ofCatalogue + ComparedFigure.phases + ComparedFigure.losses(of: reports)
    }

    private static func steps(_ figure: ComparedFigure, _ report: Report) -> [Double] {
        let values = figure.step.map { step in report.perStep.compactMap { step($0, report.workers) } } ?? []
        // Rows of steps of an earlier version lack figures that its report has.
        return values.isEmpty ? whole(figure, report) : values
    }

    /// The value of a figure over all steps of a run, as a list of one; empty where it is not known.
    private static func whole(_ figure: ComparedFigure, _ report: Report) -> [Double] {
        figure.run(report, report.figures).map { [$0] } ?? []
    }
}
