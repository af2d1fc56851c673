import Figures
import Basics

extension RoutingReport {
    /// The most rows of the table over the steps; more steps are joined into runs of about equal length.
    static let mostStepRows = 10

    /// Loads of experts, layer by layer.
    func loadSection() -> [String] {
        var table = TextTable(
            columns: [
                .init("layer"), .init("asked", unit: "copies"), .init("dropped", unit: "copies"),
                .init("dropped", unit: "%"),
                .init("no expert", unit: "tokens"), .init("padding", unit: "% more rows"),
            ] + Self.evenness.map { .init($0.title, unit: $0.formula) }
        )
        func add(_ name: String, _ copies: Int, _ load: LoadFigures) {
            let figures = load.figures
            let dropped = ["\(figures[whole: .copiesDropped] ?? 0)", TerminalReport.percent(figures[.droppedFraction])]
            let unserved = "\(figures[whole: .tokensUnserved] ?? 0)"
            let padding = TerminalReport.percent(figures[.paddingFraction])
            let spreads = Self.evenness.map { TerminalReport.ratio(figures[$0]) }
            table.append([name, "\(copies)"] + dropped + [unserved, padding] + spreads)
        }
        for layer in layers { add("\(layer.layer)", layer.copies, layer.load) }
        table.appendRule()
        add("all", copies, load)
        let largest = [Figure.largestDroppedFraction, .largestPaddingFraction].map {
            TerminalReport.percent(load.figures[$0])
        }
        let most = Self.evenness.map { TerminalReport.ratio(load.figures[spread: $0].max) }
        table.append(["max", "", "", largest[0], "", largest[1]] + most)
        return ["# loads of experts: each figure per (step, layer), mean over them"] + table.lines()
    }

    /// Losses, layer by layer.
    func lossSection() -> [String] {
        guard !load.losses.isEmpty else { return ["losses: the router has none"] }
        var table = TextTable(
            columns: [.init("loss of layer")]
                + load.losses.map { .init(Printable.text($0.name), unit: TerminalReport.formula($0)) }
        )
        for layer in layers { table.append(["\(layer.layer)"] + values(of: layer.load)) }
        table.appendRule()
        table.append(["mean"] + values(of: load))
        table.append(["max"] + load.losses.map { TerminalReport.ratio($0.value.max) })
        return ["# losses: without their coefficients"] + table.lines()
    }

    /// How loads and losses went from the first step to the last.
    func stepSection() -> [String] {
        var table = TextTable(
            columns: [
                .init("steps", alignment: .left), .init("tokens"), .init("dropped", unit: "%"),
            ] + Self.evenness.map { .init($0.title, unit: $0.formula) }
                + load.losses.map { .init(Printable.text($0.name)) }
        )
        for steps in self.steps.equalRuns(atMost: Self.mostStepRows) {
            let loads = steps.map(\.load)
            let (first, last) = (steps.first?.step ?? 0, steps.last?.step ?? 0)
            let dropped = Average.of(loads.compactMap { $0.figures[.droppedFraction] })
            let even = Self.evenness.map { figure in Average.of(loads.compactMap { $0.figures[figure] }) }
            let losses = load.losses.map { loss in Average.of(loads.compactMap { $0.mean(ofLoss: loss.name) }) }
            let counts = [first == last ? "\(first)" : "\(first) to \(last)", "\(steps.reduce(0) { $0 + $1.tokens })"]
            table.append(counts + [TerminalReport.percent(dropped)] + (even + losses).map(TerminalReport.ratio))
        }
        return ["# over the steps: means over their layers"] + table.lines()
    }

    /// The figures of evenness over experts.
    private static let evenness = Figure.all(in: .load).filter { figure in
        figure.form == .spread && figure.isCompared && !figure.path.hasPrefix("load.rank")
    }

    private func values(of load: LoadFigures) -> [String] {
        self.load.losses.map { TerminalReport.ratio(load.mean(ofLoss: $0.name)) }
    }
}

extension LoadFigures {
    /// The mean of a loss, or nil when there is none of that name.
    fileprivate func mean(ofLoss name: String) -> Double? {
        losses.first { $0.name == name }?.value.mean
    }
}
