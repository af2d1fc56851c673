import Figures
import Basics

extension TerminalReport {
    /// The figures of the table, beside a loss and the drops.
    private static let overSteps: [Figure] = [.maxvio, .expertImbalance, .rankImbalance]
    /// The most rows of the table.
    private static let rowsOverSteps = 10
    /// The fewest steps over which a router that learns has something to show.
    private static let fewestStepsToLearn = 10

    /// How loads, drops and the first loss went over the steps: equal runs of steps, the mean of each.
    ///
    /// Empty unless the router learns over enough steps, or the options ask for it.
    func overStepsSection() -> [String] {
        let learns = report.run.routerLearns && report.perStep.count >= Self.fewestStepsToLearn
        guard learns || options.showsOverSteps else { return [] }
        let loss = report.load.losses.first?.name
        var columns: [TextTable.Column] =
            [
                .init("steps", alignment: .left)
            ] + Self.overSteps.map { .init($0.title) }
        if let loss { columns.append(.init("loss: " + Printable.text(loss))) }
        var table = TextTable(columns: columns + [.init("dropped %")])
        for run in report.perStep.equalRuns(atMost: Self.rowsOverSteps) {
            func mean(_ value: (StepFigures) -> Double?) -> Double? { Average.of(run.compactMap(value)) }
            var cells = [Self.name(run)] + Self.overSteps.map { figure in Self.ratio(mean { $0[figure] }) }
            if let loss { cells.append(Self.ratio(mean { $0[loss: loss] })) }
            table.append(cells + [Self.percent(mean { $0[.droppedFraction] })])
        }
        let title = "# over the steps: mean over the layers and steps of each row"
        return wrapped(title, continuation: "#   ") + table.lines(width: width)
    }

    private static func name(_ run: ArraySlice<StepFigures>) -> String {
        guard let first = run.first, let last = run.last else { return "-" }
        return first.step == last.step ? "\(first.step)" : "\(first.step)-\(last.step)"
    }
}
