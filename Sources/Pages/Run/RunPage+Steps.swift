import Charts
import Reports

extension RunPage {
    /// Imbalance and throughput over the steps.
    var stepCharts: [Markup] {
        guard report.perStep.count > 1 else { return [] }
        let bins = StepBins(report.perStep)
        let rankImbalance = bins.points(\.rankImbalance)
        let expertImbalance = bins.points(\.expertImbalance)
        let throughput = bins.points { Double($0.tokens) / $0.seconds }
        let table = DataTable(
            columns: [bins.name, "imbalance of ranks", "imbalance of experts", "dropped %", "tokens/s"],
            rows: bins.rows.map { bin in
                [
                    bin.name, Figure.number(bin.mean(\.rankImbalance)), Figure.number(bin.mean(\.expertImbalance)),
                    Figure.number(bin.mean { $0.droppedFraction.map { $0 * 100 } }, decimals: 2),
                    Figure.rate(bin.mean { Double($0.tokens) / $0.seconds }),
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
                    .init(name: "ranks", category: .blue, style: .line, points: rankImbalance),
                    .init(name: "experts", category: .vermilion, style: .line, points: expertImbalance),
                ],
                table: table
            ).markup,
            XYChart(
                ChartText(
                    id: "throughput-over-steps",
                    title: "Throughput over the steps",
                    description: "Tokens of a step / its seconds: median "
                        + "\(Figure.rate(report.tokensPerSecond.p50)) tokens/s."
                ),
                x: XYChart.Axis("step"),
                y: XYChart.Axis("tokens/s", fromZero: true),
                series: [.init(name: "throughput", category: .green, style: .line, points: throughput)],
                table: table
            ).markup,
        ]
    }
}
