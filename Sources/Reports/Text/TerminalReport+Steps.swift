import Figures
import Basics
import Records

extension TerminalReport {
    /// How long steps took and where their time went.
    func stepSection() -> [String] {
        let title = "# steps: \(report.clock.rawValue) clock; phases are means over ranks, per step"
        let phases = phaseTable() + wrapped(residualLine())
        return wrapped(title, continuation: "#   ") + paceTable() + [""] + phases + [""] + coordinatorSection()
            + communicationTable()
    }

    private func paceTable() -> [String] {
        let figures = report.figures
        let seconds = figures[spread: .stepSeconds]
        let unit = DisplayUnit.seconds([seconds.p50 ?? 0])
        var table = TextTable(columns: [
            .init("pace", alignment: .left), .init("unit", alignment: .left),
            .init("mean"), .init("p50"), .init("p90"), .init("max"),
        ])
        func add(_ name: String, _ unit: String, _ spread: Spread, _ format: (Double?) -> String) {
            table.append([name, unit] + [spread.mean, spread.p50, spread.p90, spread.max].map(format))
        }
        add("step", unit.name, seconds, unit.text)
        let decimals = (report.tokensPerSecond.p50 ?? 0) < 1000 ? 1 : 0
        add("throughput", "tokens/s", report.tokensPerSecond) { value in
            value.map { FixedPoint.text($0, decimals: decimals) } ?? "-"
        }
        return table.lines(width: width)
    }

    /// Phases in order; that of the coordinator's own shared experts only where it has any.
    private func phaseTable() -> [String] {
        let phases = report.time.phases.filter { $0.phase != .shared || $0.seconds != 0 }
        let unit = DisplayUnit.seconds(phases.map(\.seconds))
        var table = TextTable(
            columns: [.init("phase", alignment: .left)] + phases.map { .init($0.phase.rawValue) } + [.init("residual")]
        )
        let residual = report.time.residual
        let cells = phases.map { unit.text($0.seconds) }
        table.append(["\(unit.name)/step"] + cells + [unit.text(residual.meanSeconds)])
        table.append(["% of step"] + phases.map { Self.percent($0.share) } + [Self.percent(residual.meanShare)])
        guard let prediction = report.prediction else { return table.lines(width: width) }
        let predicted = phases.map { prediction.seconds(in: $0.phase) }
        table.append(["predicted \(unit.name)"] + predicted.map { unit.text($0) } + ["-"])
        return table.lines(width: width) + wrapped(predictionLine(prediction))
    }

    /// What the modelled clock says of the whole step.
    private func predictionLine(_ prediction: PredictionFigures) -> String {
        let median = report.figures[.stepSeconds] ?? 0
        let step = prediction.figures[.predictedSeconds] ?? 0
        let unit = DisplayUnit.seconds([median, step])
        let error = prediction.figures[.predictionError].map { " (\($0 < 0 ? "" : "+")\(Self.percent($0)) %)" } ?? ""
        return "predicted by \(prediction.hardware): step \(unit.full(step)), measured "
            + "\(unit.full(median))\(error)"
    }

    private func residualLine() -> String {
        let residual = report.time.residual
        guard let worst = residual.worstSeconds, let limit = residual.limitSeconds, let step = residual.step,
            let rank = residual.rank
        else { return "residual: not known" }
        let unit = DisplayUnit.seconds([worst, limit])
        return "residual: at worst \(unit.full(worst)) (step \(step), rank \(rank); limit there \(unit.full(limit))); "
            + "\(residual.missedSteps) of \(report.steps) steps pass their limit"
    }

    private func communicationTable() -> [String] {
        let figures = report.figures
        let sent: [Figure] = [.bytesOutPerStep, .bytesBackPerStep]
        let size = DisplayUnit.bytes((sent + [.naiveBytes, .deduplicatedBytes]).compactMap { figures[$0] })
        var table = TextTable(columns: [
            .init("communication", alignment: .left), .init("what it counts", alignment: .left, isExplanation: true),
            .init("/step"), .init("unit", alignment: .left), .init("%"), .init("of", alignment: .left),
        ])
        addTimes(to: &table)
        func add(_ figure: Figure, of whole: Double?, _ basis: String) {
            let bytes = figures[figure]
            let share = bytes.flatMap { bytes in whole.flatMap { Average.ratio(bytes, $0) } }
            let cells = [figure.title, figure.formula, size.text(bytes), size.name, Self.percent(share), basis]
            table.append(cells)
        }
        let both = sent.reduce(0) { $0 + (figures[$1] ?? 0) }
        for figure in sent { add(figure, of: both, "bytes out + in") }
        for figure in [Figure.naiveBytes, .deduplicatedBytes] { add(figure, of: figures[.naiveBytes], "naive traffic") }
        return table.lines(width: width)
    }

    /// Empty for a prediction, where no coordinator stands between the ranks.
    private func coordinatorSection() -> [String] {
        report.clock == .measured ? coordinatorTable() + [""] : []
    }

    /// What bounds a prediction, and what taking that away would give.
    func limitSection() -> [String] {
        guard let limits = report.limits else { return [] }
        return ["# limits: the same model with one thing changed; savings do not add up"]
            + limits.sentences().flatMap { wrapped($0) }
    }

    /// The coordinator's own work, by kind.
    private func coordinatorTable() -> [String] {
        let parts = Figure.coordinatorParts
        let seconds = parts.map { report.coordinator.figures[$0] }
        let unit = DisplayUnit.seconds(seconds.compactMap(\.self))
        let step = report.figures[spread: .stepSeconds].mean ?? 0
        var table = TextTable(columns: [.init("coordinator", alignment: .left)] + parts.map { .init($0.title) })
        table.append(["\(unit.name)/step"] + seconds.map(unit.text))
        table.append(["% of step"] + seconds.map { Self.percent($0.flatMap { Average.ratio($0, step) }) })
        return table.lines(width: width)
    }

    private func addTimes(to table: inout TextTable) {
        var rows: [(seconds: Figure, share: Figure)] = [
            (.communicationSeconds, .communicationShare), (.exposedSeconds, .exposedShare),
        ]
        if report.run.overlap != "none" { rows.append((.exposedAloneSeconds, .exposedAloneShare)) }
        let figures = report.figures
        if figures[.sharedComputeSeconds] ?? 0 > 0 { rows.append((.sharedComputeSeconds, .sharedComputeShare)) }
        let unit = DisplayUnit.seconds(
            [Figure.communicationSeconds, .sharedComputeSeconds].compactMap { figures[$0] }
        )
        for (seconds, share) in rows {
            let cells = [seconds.title, seconds.formula, unit.text(figures[seconds]), unit.name]
            table.append(cells + [Self.percent(figures[share]), "step"])
        }
    }
}
