import Figures
import Charts
import Reports

extension RunPage {
    /// Imbalance and throughput over the steps.
    var stepCharts: [Markup] {
        guard report.perStep.count > 1 else { return [] }
        let bins = StepBins(report.perStep)
        let shown: [Figure] = [.rankImbalance, .expertImbalance]
        let throughput = bins.points { $0[.tokensPerSecond] }
        let table = DataTable(
            columns: [bins.name] + shown.map(\.title) + ["dropped %", "tokens/s"],
            rows: bins.rows.map { bin in
                [bin.name] + shown.map { figure in FigureText.number(bin.mean { $0[figure] }) } + [
                    FigureText.number(bin.mean { $0[.droppedFraction].map { $0 * 100 } }, decimals: 2),
                    FigureText.rate(bin.mean { $0[.tokensPerSecond] }),
                ]
            },
            note: bins.isShortened ? "Rows are means of up to \(bins.size) steps; report.json has every step." : nil
        )
        return [
            XYChart(
                ChartText(
                    id: "imbalance-over-steps",
                    title: "Imbalance over the steps",
                    description: "Max / mean load per layer, mean over the layers of a step."
                ),
                x: XYChart.Axis("step"),
                y: XYChart.Axis("max / mean"),
                series: [
                    .init(name: "ranks", category: .blue, style: .line, points: bins.points { $0[.rankImbalance] }),
                    .init(
                        name: "experts",
                        category: .vermilion,
                        style: .line,
                        points: bins.points { $0[.expertImbalance] }
                    ),
                ],
                table: table
            ).markup,
            XYChart(
                ChartText(
                    id: "throughput-over-steps",
                    title: "Throughput over the steps",
                    description: "Tokens of a step / its seconds: median "
                        + "\(FigureText.rate(report.figures[.tokensPerSecond])) tokens/s."
                ),
                x: XYChart.Axis("step"),
                y: XYChart.Axis("tokens/s", fromZero: true),
                series: [.init(name: "throughput", category: .green, style: .line, points: throughput)],
                table: table
            ).markup,
        ]
    }
}
