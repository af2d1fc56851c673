import Charts
import Reports

extension RunPage {
    /// Experts from the busiest down, and what part of the load the first of them have.
    var expertCharts: [Markup] {
        let sorted = SortedLoads(expertLoads)
        guard !sorted.shares.isEmpty else { return [] }
        let table = DataTable(
            columns: ["place", "load / mean", "cumulative %"],
            rows: sorted.shares.indices.map { place in
                [
                    "\(place + 1)", FigureText.number(sorted.ratios[place]),
                    FigureText.number(sorted.cumulative[place] * 100, decimals: 2),
                ]
            }
        )
        return [sortedChart(sorted, table), cumulativeChart(sorted, table)]
    }

    private func sortedChart(_ sorted: SortedLoads, _ table: DataTable) -> Markup {
        ColumnChart(
            ChartText(
                id: "sorted-load",
                title: "Experts sorted by load",
                description: "In each layer the experts are sorted, then the places averaged over layers: the busiest "
                    + "has \(FigureText.number(sorted.ratios[0], decimals: 2)) × the mean, the idlest "
                    + "\(FigureText.number(sorted.ratios[sorted.ratios.count - 1], decimals: 2)) ×."
            ),
            names: sorted.ratios.indices.map { "\($0 + 1)" },
            values: sorted.ratios,
            reference: ("even load", 1),
            axes: ("place by load", "load / mean of the layer"),
            table: table
        ).markup
    }

    private func cumulativeChart(_ sorted: SortedLoads, _ table: DataTable) -> Markup {
        let count = Double(sorted.cumulative.count)
        let points = sorted.cumulative.enumerated().map { index, share in
            XYChart.Point(x: Double(index + 1) / count * 100, y: share * 100)
        }
        let busiest = max(1, sorted.cumulative.count / 10)
        return XYChart(
            ChartText(
                id: "cumulative-load",
                title: "Cumulative share of the load",
                description: "The busiest \(busiest) of \(sorted.cumulative.count) experts take "
                    + "\(FigureText.percent(sorted.cumulative[busiest - 1])) of the copies; with even load it would be "
                    + "\(FigureText.percent(Double(busiest) / count))."
            ),
            x: XYChart.Axis("experts, busiest first, %", fromZero: true),
            y: XYChart.Axis("copies, %", fromZero: true),
            series: [
                .init(name: "copies", category: .blue, style: .line, points: [XYChart.Point(x: 0, y: 0)] + points),
                .init(
                    name: "even load",
                    category: .grey,
                    style: .ideal,
                    points: [XYChart.Point(x: 0, y: 0), XYChart.Point(x: 100, y: 100)]
                ),
            ],
            table: table
        ).markup
    }
}
