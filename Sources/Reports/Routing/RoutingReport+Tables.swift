import Basics

extension RoutingReport {
    /// The most rows of the table over the steps; more steps are joined into runs of about equal length.
    static let mostStepRows = 10

    /// Loads of experts, layer by layer.
    func loadSection() -> [String] {
        var table = TextTable(columns: [
            .init("layer"), .init("asked", unit: "copies"), .init("dropped", unit: "copies"),
            .init("dropped", unit: "%"),
            .init("no expert", unit: "tokens"), .init("padding", unit: "% more rows"),
            .init("imbalance", unit: "max/mean"), .init("CV", unit: "std/mean"),
            .init("MaxVio", unit: "max/mean - 1"), .init("importance CV", unit: "std/mean"),
        ])
        func add(_ name: String, _ copies: Int, _ load: LoadFigures) {
            let counts = ["\(copies)", "\(load.dropped.copies)", TerminalReport.percent(load.dropped.fraction)]
            let spreads = load.evenness.map { TerminalReport.ratio($0.mean) }
            let padding = TerminalReport.percent(load.padding.extraFraction)
            table.append([name] + counts + ["\(load.dropped.tokens)", padding] + spreads)
        }
        for layer in layers { add("\(layer.layer)", layer.copies, layer.load) }
        table.appendRule()
        add("all", copies, load)
        let largest = [load.dropped.largestFraction, load.padding.largestExtraFraction].map(TerminalReport.percent)
        table.append(["max", "", "", largest[0], "", largest[1]] + load.evenness.map { TerminalReport.ratio($0.max) })
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
                .init("imbalance", unit: "max/mean"), .init("CV", unit: "std/mean"),
                .init("MaxVio", unit: "max/mean - 1"), .init("importance CV", unit: "std/mean"),
            ] + load.losses.map { .init(Printable.text($0.name)) }
        )
        for steps in self.steps.equalRuns(atMost: Self.mostStepRows) {
            let loads = steps.map(\.load)
            let (first, last) = (steps.first?.step ?? 0, steps.last?.step ?? 0)
            let dropped = Average.of(loads.compactMap(\.dropped.fraction))
            let even = load.evenness.indices.map { index in Average.of(loads.compactMap { $0.evenness[index].mean }) }
            let losses = load.losses.map { loss in Average.of(loads.compactMap { $0.mean(ofLoss: loss.name) }) }
            let counts = [first == last ? "\(first)" : "\(first) to \(last)", "\(steps.reduce(0) { $0 + $1.tokens })"]
            table.append(counts + [TerminalReport.percent(dropped)] + (even + losses).map(TerminalReport.ratio))
        }
        return ["# over the steps: means over their layers"] + table.lines()
    }

    private func values(of load: LoadFigures) -> [String] {
        self.load.losses.map { TerminalReport.ratio(load.mean(ofLoss: $0.name)) }
    }
}

extension LoadFigures {
    /// The figures of evenness over experts, in the order of the tables: imbalance, CV, MaxVio, CV of the importance.
    fileprivate var evenness: [Spread] { [expert.imbalance, expert.cv, expert.maxvio, importance.cv] }

    /// The mean of a loss, or nil when there is none of that name.
    fileprivate func mean(ofLoss name: String) -> Double? {
        losses.first { $0.name == name }?.value.mean
    }
}
