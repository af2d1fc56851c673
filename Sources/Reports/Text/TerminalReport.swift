import Basics
import Figures
import MoE
import Records

/// A report as text for a terminal: header, one row per rank, summaries, verdict.
///
/// The layout follows the habits of nccl-tests: header lines begin with `#`, tables have a header row and a units row,
/// the verdict stands last. The same report gives the same text.
public struct TerminalReport: Sendable {
    /// Options of the text: colour, width and sections.
    public struct Options: Equatable, Sendable {
        /// The lower limit on the width of a line, in characters.
        public static let narrowest = 40

        /// True to colour warnings and the verdict.
        public var color: Bool
        /// Characters at which text is broken and tables are cut into parts; whole tables need up to 120.
        public var width: Int
        /// True to show loads and losses over the steps also where the router does not learn.
        public var showsOverSteps: Bool

        /// Create options, by default for plain text of 120 columns.
        public init(color: Bool = false, width: Int = 120, showsOverSteps: Bool = false) {
            self.color = color
            self.width = width
            self.showsOverSteps = showsOverSteps
        }
    }

    let report: Report
    let options: Options

    /// The report as lines, each ended by a line feed.
    public static func render(_ report: Report, options: Options = Options()) -> String {
        TerminalReport(report: report, options: options).lines().joined(separator: "\n") + "\n"
    }

    private func lines() -> [String] {
        var sections = [header()]
        if report.steps > 0 {
            let all = [
                rankSection(), loadSection(), overStepsSection(), stepSection(), limitSection(), rebalanceSection(),
            ]
            sections += all.filter { !$0.isEmpty }
        }
        sections.append(verdict())
        return Array(sections.joined(separator: [""]))
    }

    /// The width of a line, in characters.
    var width: Int { max(options.width, Options.narrowest) }

    /// Return `text` without unsafe characters, broken into lines of the width.
    func wrapped(_ text: String, prefix: String = "", continuation: String = "  ") -> [String] {
        LineWrap.lines(
            Printable.text(text),
            width: width,
            prefix: prefix,
            continuation: continuation
        )
    }

    /// Return a figure without a unit as text with three decimals; `-` when there is none.
    static func ratio(_ value: Double?) -> String {
        value.map { FixedPoint.text($0, decimals: 3) } ?? "-"
    }

    /// Return a part of a whole as text in per cent with one decimal; `-` when there is none.
    static func percent(_ value: Double?) -> String {
        value.map { FixedPoint.text($0 * 100, decimals: 1) } ?? "-"
    }
}

extension TerminalReport {
    /// The limit on the length of a host name as shown, in characters.
    private static let hostCharacters = 24

    /// The lines of the header: run, configuration, machines and ranks, each after `#`.
    func header() -> [String] {
        let run = report.run
        let title = wrapped("epsim \(run.epsimVersion), run \(run.id), started \(run.startedAt)", prefix: "# ")
        let entries = run.entries.flatMap { entry in
            wrapped(entry.value, prefix: "# \(entry.key): ", continuation: "#   ")
        }
        return title + entries + (run.hardware == nil ? rankLines(run.workers) : [])
    }

    private func rankLines(_ workers: [RankDescription]) -> [String] {
        let isUncertain = workers.contains { $0.clockUncertaintySeconds > 0 }
        let absent = workers.filter { !$0.hasJoined }.map { "# rank \($0.rank): never joined" }
        let cells = workers.filter(\.hasJoined).map { Self.cells($0, isUncertain: isUncertain) }
        var table = TextTable(columns: cells.first?.map { _ in .init("", alignment: .left) } ?? [], gap: 1)
        for row in cells { table.append(row) }
        let lines = table.lines().flatMap { line in
            line.count + 2 > width ? wrapped(line, prefix: "# ", continuation: "#   ") : ["# " + line]
        }
        return lines + absent
    }

    private static func cells(_ worker: RankDescription, isUncertain: Bool) -> [String] {
        let weights = DisplayUnit.mebibytes(decimals: 1).full(Double(worker.weightBytes))
        let clock = DisplayUnit.microseconds(decimals: 1).full(worker.clockUncertaintySeconds)
        return ["rank \(worker.rank):", "pid \(worker.pid)", "on \(clipped(Printable.text(worker.host))),"]
            + ["\(experts(worker)) experts,", "weights \(weights),"]
            + (isUncertain ? ["clock ±\(clock),"] : [])
            + ["kernel \(Printable.text(worker.kernels.joined(separator: " ")))"]
    }

    private static func experts(_ worker: RankDescription) -> String {
        let counts = Set(worker.expertsPerLayer).sorted()
        guard let fewest = counts.first, let most = counts.last else { return "0" }
        return fewest == most ? "\(most)" : "\(fewest)-\(most)"
    }

    private static func clipped(_ text: String) -> String {
        text.count > hostCharacters ? text.prefix(hostCharacters - 1) + "…" : text
    }
}

extension TerminalReport {
    /// The lines on loads: their spread over ranks and over experts, drops, and rows that padding would add.
    func loadSection() -> [String] {
        let load = report.load
        var table = TextTable(columns: [
            .init("load", alignment: .left), .init("formula", alignment: .left, isExplanation: true),
            .init("mean"), .init("p50"), .init("p90"), .init("max"),
        ])
        func add(_ name: String, _ formula: String, _ spread: Spread) {
            table.append([name, formula] + [spread.mean, spread.p50, spread.p90, spread.max].map(Self.ratio))
        }
        for figure in Figure.all(in: .load) where figure.form == .spread {
            let spread = load.figures[spread: figure]
            if spread.summary != nil { add(figure.title, figure.formula, spread) }
        }
        for loss in load.losses { add("loss: " + Printable.text(loss.name), Self.formula(loss), loss.value) }
        let title = "# experts: each figure per (step, layer), then its spread over all of them"
        let notes = [
            withoutLoad(load.figures), dropped(load.figures), unserved(load.figures), identity(load.figures),
            padding(load.figures),
        ].compactMap { $0 }
        return wrapped(title, continuation: "#   ") + table.lines(width: width) + notes.flatMap { wrapped($0) }
    }

    static func formula(_ loss: LossFigures) -> String {
        let coefficient =
            loss.coefficient.map { "coef. \(FixedPoint.text($0, significant: 6))" } ?? "no coef."
        return loss.valueAtBalance.map { "\(coefficient), \(FixedPoint.text($0, significant: 6)) at balance" }
            ?? coefficient
    }

    private func withoutLoad(_ figures: FigureValues) -> String? {
        guard let layers = figures[whole: .layersWithoutLoad], layers > 0 else { return nil }
        let all = report.steps * report.run.model.layers
        return
            "without load: \(layers) of \(all) (step, layer) pairs, in which nothing was routed; no figure of loads counts "
            + "them"
    }

    private func dropped(_ figures: FigureValues) -> String {
        guard let copies = figures[whole: .copiesDropped], copies > 0 else { return "dropped: none" }
        return "dropped: \(copies) copies (\(Self.percent(figures[.droppedFraction])) % of all, at most "
            + "\(Self.percent(figures[.largestDroppedFraction])) % of a layer)"
    }

    private func unserved(_ figures: FigureValues) -> String? {
        guard let tokens = figures[whole: .tokensUnserved], tokens > 0 else { return nil }
        return "without expert: \(tokens) tokens (\(Self.percent(figures[.unservedFraction])) % of all, at most "
            + "\(Self.percent(figures[.largestUnservedFraction])) % in a layer); each counts once per layer"
    }

    private func identity(_ figures: FigureValues) -> String? {
        guard let fraction = figures[.identityFraction], let computed = figures[.computedExpertsPerToken] else {
            return nil
        }
        return "identity experts: \(Self.percent(fraction)) % of the copies (at most "
            + "\(Self.percent(figures[.largestIdentityFraction])) % of a layer) stay with their tokens; experts with weights "
            + "compute \(FixedPoint.text(computed, decimals: 2)) copies a token"
    }

    private func padding(_ figures: FigureValues) -> String? {
        guard let rows = figures[.paddedRowsPerStep], rows > 0, let copies = figures[.paddedCopiesPerStep] else {
            return nil
        }
        let to = report.run.padding.map { " to \($0)" } ?? ""
        return "padding: \(Self.percent(figures[.paddingFraction])) % more rows (at most "
            + "\(Self.percent(figures[.largestPaddingFraction])) % in a layer) if queues were padded\(to): "
            + "\(FixedPoint.text(rows, decimals: 1)) rows a step for \(FixedPoint.text(copies, decimals: 1)) copies"
    }
}

extension TerminalReport {
    /// The figures in the table over the steps; one loss and the drops stand beside them.
    private static let overSteps: [Figure] = [.maxvio, .expertImbalance, .rankImbalance]
    /// The limit on the rows of the table over the steps.
    private static let rowsOverSteps = 10
    /// The fewest steps of a run for which the table over the steps is shown when the router learns.
    private static let fewestStepsToLearn = 10

    /// The lines on loads, drops and the first loss over the steps: the mean of each of several equal runs of steps.
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

extension TerminalReport {
    /// The largest number of ranks for which a prediction's table has a row for each.
    private static let mostRanks = 32
    /// The number of rows, for the busiest ranks, where a prediction has more than `mostRanks` ranks.
    private static let fewRanks = 8

    /// The lines on ranks: one row per rank, all layers together, with the mean and the maximum below.
    func rankSection() -> [String] {
        let rows = shownRanks
        let time = DisplayUnit.seconds(rows.flatMap { row in Phase.ofRank.map { row.seconds[$0] } })
        let bytes = DisplayUnit.bytes(rows.flatMap { [$0.dispatchBytes, $0.combineBytes] })
        let columns = Self.rankColumns(time: time, bytes: bytes, layers: report.run.model.layers)
        var table = TextTable(columns: columns.map(\.head))
        for row in rows {
            table.append(columns.map { $0.format($0.value(row)) })
        }
        let all = report.rankTotals
        if all.count > 1 {
            table.appendRule()
            table.append(Self.footer("mean", columns, all) { Average.of($0) })
            table.append(Self.footer("max", columns, all) { $0.max() })
        }
        let title =
            "# ranks: per step, sum over layers, mean of \(report.steps) steps; "
            + "share, imbalance: mean over layers; \(report.clock.rawValue) clock"
        let left = all.count - rows.count
        let others = left > 0 ? "; the \(rows.count) busiest of \(all.count), the others are in report.json" : ""
        return wrapped(title + others, continuation: "#   ") + table.lines(width: width)
    }

    /// All ranks, or those with most copies of a prediction that has too many for a table.
    private var shownRanks: [RankFigures] {
        let all = report.rankTotals
        guard report.clock == .modelled, all.count > Self.mostRanks else { return all }
        let busiest = all.sorted { ($0.copies, $1.rank) > ($1.copies, $0.rank) }
        return busiest.prefix(Self.fewRanks).sorted { $0.rank < $1.rank }
    }

    private struct RankColumn {
        let head: TextTable.Column
        let format: (Double?) -> String
        let value: (RankFigures) -> Double?
    }

    private static func rankColumns(time: DisplayUnit, bytes: DisplayUnit, layers: Int) -> [RankColumn] {
        let whole = { (value: Double?) in value.map { FixedPoint.text($0, decimals: 0) } ?? "-" }
        let count = { (value: Double?) in value.map { FixedPoint.text($0, decimals: 1) } ?? "-" }
        let short = { (value: Double?) in value.map { FixedPoint.text($0, significant: 4) } ?? "-" }
        let phases = Phase.ofRank.map { phase in
            RankColumn(head: .init(phase.rawValue, unit: time.name), format: time.text) { $0.seconds[phase] }
        }
        return [
            RankColumn(head: .init("rank"), format: whole) { Double($0.rank) },
            RankColumn(head: .init("experts", unit: "/layer"), format: short) {
                Average.ratio(Double($0.experts), Double(layers))
            },
            RankColumn(head: .init("tokens", unit: "copies"), format: count) { $0.copies },
            RankColumn(head: .init("share", unit: "%"), format: percent) { $0.share },
            RankColumn(head: .init("imbalance", unit: "× mean"), format: ratio) { $0.imbalance },
        ] + phases + [
            RankColumn(head: .init("bytes out", unit: bytes.name), format: bytes.text) { $0.dispatchBytes },
            RankColumn(head: .init("bytes in", unit: bytes.name), format: bytes.text) { $0.combineBytes },
        ]
    }

    private static func footer(
        _ name: String,
        _ columns: [RankColumn],
        _ rows: [RankFigures],
        _ summary: ([Double]) -> Double?
    ) -> [String] {
        [name] + columns.dropFirst().map { column in column.format(summary(rows.compactMap(column.value))) }
    }
}

extension TerminalReport {
    /// The lines on the length of steps, and on their time by phase, coordinator and communication.
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
        for figure in [Figure.tokensPerSecond, .tokensPerSecondPerRank] {
            let spread = figures[spread: figure]
            let decimals = (spread.p50 ?? 0) < 1000 ? 1 : 0
            add(figure.heading.name, figure.heading.counts, spread) { value in
                value.map { FixedPoint.text($0, decimals: decimals) } ?? "-"
            }
        }
        return table.lines(width: width)
    }

    /// The table of phases in order, with `shared` only where the coordinator has common experts (shared and dense).
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

    /// The line on the modelled time of the whole step beside the measured one.
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

    /// The lines on the coordinator; empty for a prediction, where no coordinator stands between the ranks.
    private func coordinatorSection() -> [String] {
        report.clock == .measured ? coordinatorTable() + [""] : []
    }

    /// Return the lines on the bounds on predicted steps, and on the time saved without each bound.
    func limitSection() -> [String] {
        guard let limits = report.limits else { return [] }
        return ["# limits: the same model with one thing changed; savings do not add up"]
            + limits.sentences().flatMap { wrapped($0) }
    }

    /// The table of the coordinator's own work, by kind.
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
