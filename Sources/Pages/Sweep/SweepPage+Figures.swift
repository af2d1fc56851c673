import Figures
import Basics
import Charts
import Reports

extension SweepPage {
    /// Throughput against latency, with the points that no other point beats in both.
    var paretoChart: Markup? {
        let points = groups.filter { $0.stepSeconds != nil && $0.throughput != nil }
        guard points.count > 1 else { return nil }
        let unit = DisplayUnit.seconds(points.compactMap(\.stepSeconds))
        let place = { (group: PointGroup) in
            XYChart.Point(x: (group.stepSeconds ?? 0) * unit.factor, y: group.throughput ?? 0)
        }
        let front = ParetoFront.of(points, cost: { $0.stepSeconds ?? 0 }, gain: { $0.throughput ?? 0 })
        return XYChart(
            ChartText(
                id: "pareto",
                title: "Throughput against latency",
                description:
                    "Every point; \(front.count == 1 ? "one is" : "\(front.count) are") on the front, beaten by no other in both. Left and high is good."
            ),
            x: XYChart.Axis("step, \(unit.name)", fromZero: true),
            y: XYChart.Axis("tokens/s", fromZero: true),
            series: [
                .init(name: "points", category: .blue, style: .points, points: points.map(place)),
                .init(name: "Pareto front", category: .vermilion, style: .lineAndPoints, points: front.map(place)),
            ],
            table: DataTable(
                columns: ["point", "step \(unit.name)", "tokens/s", "on the front"],
                rows: points.map { group in
                    [
                        group.label, unit.text(group.stepSeconds), FigureText.rate(group.throughput),
                        front.contains(group) ? "yes" : "no",
                    ]
                }
            )
        ).markup
    }

    /// What is known to follow from ranks and from the capacity factor, where the sweep varies them.
    var dependenceCharts: [Markup] {
        let share = { (figures: PointFigures) -> Double? in
            guard let seconds = figures[.communicationSeconds],
                let step = figures[FigureName(.stepSeconds, .mean)], step > 0
            else { return nil }
            return seconds / step * 100
        }
        return [
            dependence(
                "communication-share",
                "Communication share",
                "communication, % of a step",
                "cluster.workers",
                share
            ),
            dependence("imbalance", "Imbalance", "max / mean load of ranks", "cluster.workers") { $0[.rankImbalance] },
            dependence("drops", "Dropped copies", "dropped, %", "router.capacity_factor") {
                $0[.droppedFraction].map { $0 * 100 }
            },
        ].compactMap(\.self)
    }

    private func dependence(
        _ id: String,
        _ title: String,
        _ unit: String,
        _ key: String,
        _ figure: @escaping (PointFigures) -> Double?
    ) -> Markup? {
        let others = summary.keys.filter { $0 != key }
        let known = groups.filter { $0.number(key) != nil && $0.median(figure) != nil }
        guard Set(known.compactMap { $0.number(key) }).count > 1 else { return nil }
        let kinds = Dictionary(grouping: known) { $0.values(others) }
        let names = known.map { $0.values(others) }.uniqued
        let series = names.enumerated().map { index, values in
            let points = (kinds[values] ?? []).sorted { ($0.number(key) ?? 0) < ($1.number(key) ?? 0) }
            return XYChart.Series(
                name: zip(others, values).map { "\($0)=\($1 ?? "-")" }.joined(separator: " "),
                number: index,
                style: .lineAndPoints,
                points: points.map { group in
                    XYChart.Point(x: group.number(key) ?? 0, y: group.median(figure) ?? 0, range: group.range(figure))
                }
            )
        }
        return XYChart(
            ChartText(
                id: id,
                title: "\(title) against \(key)",
                description: "Median over the runs of a point; bars reach from the least to the largest run."
            ),
            x: XYChart.Axis(key, kind: key == "cluster.workers" ? .logarithmic : .linear),
            y: XYChart.Axis(unit, fromZero: true),
            series: series,
            table: DataTable(
                columns: ["point", unit],
                rows: known.map { [$0.label, FigureText.number($0.median(figure))] }
            )
        ).markup
    }
}

extension Array where Element: Hashable {
    /// The elements, each once, in the order in which they come first.
    fileprivate var uniqued: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
