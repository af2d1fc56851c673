import Basics
import Figures
import Records
import Reports

extension RunPage {
    /// Charts of the time of each rank by phase, and of measured beside modelled time.
    var timeCharts: [Markup] {
        [timePerRank, clocks].compactMap(\.self)
    }

    private var unit: DisplayUnit { DisplayUnit.seconds([report.figures[spread: .stepSeconds].mean ?? 0]) }

    private var timePerRank: Markup? {
        guard !report.rankTotals.isEmpty else { return nil }
        let rows = report.rankTotals.map { rank in
            (name: "rank \(rank.rank)", seconds: Phase.allCases.map { seconds($0, rank) })
        }
        let longest = report.rankTotals.max { $0.seconds.compute < $1.seconds.compute }
        let words = longest.map { "Rank \($0.rank) computes longest, \(unit.full($0.seconds.compute)) a step; " } ?? ""
        return chart(
            ChartText(
                id: "rank-time",
                title: "Time of a step per rank",
                description:
                    "Mean over steps, layers together. \(words)\(coordinator) "
                    + "Each instant counts once, so every row is a step long.",
                isWide: true
            ),
            rows
        )
    }

    private var coordinator: String {
        switch report.clock {
        case .measured: "gate, shared and merge are the coordinator's and the same for all ranks."
        case .modelled: "gate is that of the rank where it takes longest."
        }
    }

    private func seconds(_ phase: Phase, _ rank: RankFigures) -> Double {
        switch phase {
        case .gate, .shared, .merge: report.time.seconds(in: phase)
        case .dispatch, .queue, .compute, .combine, .wait: rank.seconds[phase]
        }
    }

    /// The chart of measured and modelled time by phase; nil where this machine is not calibrated.
    private var clocks: Markup? {
        guard let prediction = report.prediction else { return nil }
        let measured = Phase.allCases.map { report.time.seconds(in: $0) }
        let modelled = Phase.allCases.map { prediction.seconds(in: $0) }
        let error =
            prediction.figures[.predictionError].map {
                "The modelled step is \(FigureText.percent($0)) off the measured median. "
            } ?? ""
        return chart(
            ChartText(
                id: "clocks",
                title: "Measured and modelled",
                description:
                    "\(error)Seconds of a step by phase, mean over ranks; the model is \(prediction.hardware), "
                    + "fed with the same routing.",
                isWide: true
            ),
            [("measured", measured), ("modelled", modelled)]
        )
    }

    private func chart(_ text: ChartText, _ rows: [(name: String, seconds: [Double])]) -> Markup {
        SpanChart(
            text,
            kinds: PhaseKinds.all,
            rows: rows.map { row in SpanChart.Row(name: row.name, stacking: row.seconds.map { $0 * unit.factor }) },
            axis: unit.name,
            table: DataTable(
                columns: [""] + Phase.allCases.map { "\($0.rawValue) \(unit.name)" } + ["sum \(unit.name)"],
                rows: rows.map { row in
                    [row.name] + row.seconds.map { unit.text($0) } + [unit.text(row.seconds.reduce(0, +))]
                }
            )
        ).markup
    }

    /// Charts of the median and of the longest step, moment by moment.
    var ganttCharts: [Markup] {
        let median = medianStep.map { gantt($0, id: "median-step", title: "A step of about the median time") }
        guard let worstStep, worstStep.step != medianStep?.step else { return [median].compactMap(\.self) }
        return [median, gantt(worstStep, id: "worst-step", title: "The slowest step")].compactMap(\.self)
    }

    private func gantt(_ track: StepTrack, id: String, title: String) -> Markup {
        let gantt = Gantt(track)
        let seconds = Double(track.span.upperBound - track.span.lowerBound) / 1e9
        let left = gantt.isShortened ? " Shown are \(gantt.rows.count) of \(gantt.ranks) ranks, the slowest first." : ""
        return SpanChart(
            ChartText(
                id: id,
                title: "\(title): step \(track.step), \(DisplayUnit.seconds([seconds]).full(seconds))",
                description:
                    "\(track.layers.count) layers one after the other.\(left) The table has the sums of the step.",
                isWide: true
            ),
            kinds: PhaseKinds.all,
            rows: gantt.rows,
            axis: gantt.unit.name,
            table: gantt.table
        ).markup
    }
}
