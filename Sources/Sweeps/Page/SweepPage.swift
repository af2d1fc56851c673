import Basics
import Figures
import Pages
public import Reports

/// The page of a sweep: `report.html` beside `summary.csv`, whose figures it shows.
public struct SweepPage: Sendable {
    let summary: SweepSummary
    let groups: [PointGroup]
    let rule: ScalingRule?
    private let name: String
    private let sweepFile: String

    /// Create the page of a sweep.
    ///
    /// - Parameters:
    ///   - name: the name of the sweep.
    ///   - rule: the rule that points are compared by, or nil for none.
    ///   - sweepFile: the text of the sweep file.
    public init(_ summary: SweepSummary, name: String, rule: ScalingRule?, sweepFile: String) {
        self.summary = summary
        groups = PointGroup.all(summary.rows)
        self.rule = rule
        self.name = name
        self.sweepFile = sweepFile
    }

    /// The text of the page, in HTML.
    ///
    /// - Throws: when a row cannot be written as JSON.
    public func html() throws -> String {
        let clock = summary.rows.first?.record.clock.rawValue
        return try Page(
            title: name,
            subtitle: "sweep over \(summary.keys.joined(separator: ", "))\(clock.map { ", \($0) clock" } ?? "")",
            content: [verdict, cards] + sections(),
            scripts: [ExplorerScript.text]
        ).html
    }

    private func sections() throws -> [Markup] {
        guard !summary.rows.isEmpty else { return [origin] }
        return try [
            PageSection("Scaling", scalingIntroduction, scalingCharts).markup,
            PageSection("Trade-off", "", [paretoChart].compactMap(\.self)).markup,
            PageSection("What it depends on", "", dependenceCharts).markup,
            PageSection(
                "Any two columns",
                "Every run is a mark. Choose what the axes, the colours and the panels show.",
                [Explorer(summary, rule: rule).markup()]
            ).markup,
            origin,
        ]
    }

    private var scalingIntroduction: String {
        switch rule?.ideal {
        case .strong: "Strong scaling: the same work on more; ideally a step takes 1 / scale of its time."
        case .weak: "Weak scaling: work that grows with the scale; ideally a step takes the same time."
        case nil: ""
        }
    }

    private var verdict: Markup {
        let winner = SweepWinner(groups)
        let words = winner.sentence + (winner.ranked.isEmpty ? "." : efficiencySentence ?? ".")
        let notes = SweepTable(summary, rule: rule).notes.map { Markup.element("p", ["class": "note"], $0) }
        return .element("div", ["class": "verdict"], [.element("p", [:], words)] + notes)
    }

    /// The efficiency of the point with the largest scale, as the end of a sentence.
    private var efficiencySentence: String? {
        guard let rule else { return nil }
        let known = zip(groups, Scaling.all(groups, rule)).filter { $1 != nil }
        let largest = known.max { ($0.0.number(rule.scale) ?? 0) < ($1.0.number(rule.scale) ?? 0) }
        guard let largest, let scaling = largest.1 else { return nil }
        return "; with \(largest.0.label) the efficiency is \(FigureText.percent(scaling.efficiency)) of ideal scaling."
    }

    private var cards: Markup {
        let failed = summary.rows.count { $0.record.status == .failed }
        let invalid = summary.rows.count { $0.record.status == .invalid }
        let throughput = groups.compactMap(\.throughputPerRank)
        let dropped = groups.compactMap { $0.median { $0[.droppedFraction] } }.max()
        let unserved = groups.compactMap { $0.median { $0[.unservedFraction] } }.max()
        let steps = groups.compactMap(\.stepSeconds)
        let unit = DisplayUnit.seconds(steps)
        return Card.row([
            Card("points", value: "\(groups.count)", detail: summary.keys.joined(separator: " × ")),
            Card(
                "runs",
                value: "\(summary.rows.count)",
                detail: invalid == 0 ? "none INVALID" : "\(invalid) INVALID"
            ),
            Card(
                "failed",
                value: "\(failed)",
                detail: failed == 0 ? "none" : "kept below failed/",
                tone: failed == 0 ? .good : .bad
            ),
            Card(
                "most per rank",
                value: FigureText.rate(throughput.max()),
                detail: "\(Figure.tokensPerSecondPerRank.measure), median over runs"
            ),
            Card("shortest step", value: unit.full(steps.min()), detail: "median over runs"),
            Card("copies dropped", value: FigureText.percent(dropped), detail: "at most, median over runs"),
            Card("tokens without expert", value: FigureText.percent(unserved), detail: "at most, median over runs"),
        ])
    }

    /// Links to the pages of live runs; predicted points have none.
    private var runPages: Markup {
        let names = summary.rows.map(\.record).filter { $0.clock == .measured && $0.status != .failed }.map(\.name)
        guard !names.isEmpty else { return .empty }
        let links = names.map { name in
            Markup.element("li", [:], [.element("a", ["href": "points/\(name)/report.html"], "\(name)")])
        }
        let title = Markup.element("summary", [:], "Pages of the runs")
        return .element("details", [:], [title, .element("ul", [:], links)])
    }

    private var origin: Markup {
        .element(
            "section",
            [:],
            [
                .element("h2", [:], "What was run"),
                .element("p", [:], "Each run has a folder below points/, or below failed/, with its config.yaml."),
                runPages,
                .element("details", [:], [.element("summary", [:], "sweep.yaml"), .element("pre", [:], sweepFile)]),
            ]
        )
    }
}

extension PointGroup {
    /// The throughput of a point per rank in tokens/s: the median over its runs of each run's median.
    var throughputPerRank: Double? { median { $0[.tokensPerSecondPerRank] } }
}

extension SweepPage {
    /// The chart of throughput against latency, with the points that no other point beats in both.
    var paretoChart: Markup? {
        let points = groups.filter { $0.stepSeconds != nil && $0.throughputPerRank != nil }
        guard points.count > 1 else { return nil }
        let unit = DisplayUnit.seconds(points.compactMap(\.stepSeconds))
        let place = { (group: PointGroup) in
            XYChart.Point(x: (group.stepSeconds ?? 0) * unit.factor, y: group.throughputPerRank ?? 0)
        }
        let front = ParetoFront.of(points, cost: { $0.stepSeconds ?? 0 }, gain: { $0.throughputPerRank ?? 0 })
        return XYChart(
            ChartText(
                id: "pareto",
                title: "Throughput per rank against latency",
                description:
                    "Every point; \(front.count == 1 ? "one is" : "\(front.count) are") on the front, beaten by no other in both. Left and high is good."
            ),
            x: XYChart.Axis("step, \(unit.name)", fromZero: true),
            y: XYChart.Axis(Figure.tokensPerSecondPerRank.measure, fromZero: true),
            series: [
                .init(name: "points", category: .blue, style: .points, points: points.map(place)),
                .init(name: "Pareto front", category: .vermilion, style: .lineAndPoints, points: front.map(place)),
            ],
            table: DataTable(
                columns: ["point", "step \(unit.name)", Figure.tokensPerSecondPerRank.measure, "on the front"],
                rows: points.map { group in
                    [
                        group.label, unit.text(group.stepSeconds), FigureText.rate(group.throughputPerRank),
                        front.contains(group) ? "yes" : "no",
                    ]
                }
            )
        ).markup
    }

    /// The charts of communication share and imbalance against ranks, and of drops against the capacity factor, where
    /// the sweep varies these.
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
            dependence("unserved", "Tokens without expert", "without expert, %", "router.capacity_factor") {
                $0[.unservedFraction].map { $0 * 100 }
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
    /// The elements, each once, in the order of their first occurrence.
    fileprivate var uniqued: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

extension SweepPage {
    /// Points that differ in nothing but the scale and the keys that grow with it, by rising scale.
    private struct Kind {
        let name: String
        let members: [(group: PointGroup, scaling: Scaling?, scale: Double)]
    }

    private func kinds(_ rule: ScalingRule) -> [Kind] {
        let scalings = Scaling.all(groups, rule)
        var order: [[String?]] = []
        var members: [[String?]: [(group: PointGroup, scaling: Scaling?, scale: Double)]] = [:]
        for (group, scaling) in zip(groups, scalings) {
            guard let scale = group.number(rule.scale), group.stepSeconds != nil else { continue }
            let values = group.values(rule.keysBesideScale)
            if members[values] == nil { order.append(values) }
            members[values, default: []].append((group, scaling, scale))
        }
        return order.map { values in
            let words = zip(rule.keysBesideScale, values).map { "\($0)=\($1 ?? "-")" }.joined(separator: " ")
            let sorted = (members[values] ?? []).sorted { $0.scale < $1.scale }
            return Kind(name: words, members: sorted)
        }
    }

    /// The charts of the step time and of the scaling efficiency against the scale, each beside the ideal.
    var scalingCharts: [Markup] {
        guard let rule else { return [] }
        let kinds = kinds(rule)
        guard kinds.contains(where: { $0.members.count > 1 }) else { return [] }
        return [stepChart(kinds, rule), efficiencyChart(kinds, rule)]
    }

    private func stepChart(_ kinds: [Kind], _ rule: ScalingRule) -> Markup {
        let unit = DisplayUnit.seconds(groups.compactMap(\.stepSeconds))
        var series: [XYChart.Series] = []
        for (index, kind) in kinds.enumerated() {
            let points = kind.members.map { member in
                XYChart.Point(
                    x: member.scale,
                    y: (member.group.stepSeconds ?? 0) * unit.factor,
                    range: member.group.range { figures in figures[.stepSeconds].map { $0 * unit.factor } }
                )
            }
            let name = kind.name.isEmpty ? "median step" : kind.name
            series.append(.init(name: name, number: index, style: .lineAndPoints, points: points))
        }
        series += kinds.enumerated().compactMap { index, kind in
            kind.members.first.map { first in
                let ideal = kind.members.map { member in
                    let factor = rule.ideal == .strong ? first.scale / member.scale : 1
                    return XYChart.Point(x: member.scale, y: (first.group.stepSeconds ?? 0) * unit.factor * factor)
                }
                return .init(name: index == 0 ? "ideal" : "", category: .grey, style: .ideal, points: ideal)
            }
        }
        return XYChart(
            ChartText(
                id: "scaling-step",
                title: "Step against \(rule.scale)",
                description:
                    "Median over the runs of a point; bars reach from the fastest run to the slowest. Dashed: ideal."
            ),
            x: XYChart.Axis(rule.scale, kind: .logarithmic),
            y: XYChart.Axis("step, \(unit.name)", kind: .logarithmic),
            series: series,
            table: scalingTable(kinds, rule, unit)
        ).markup
    }

    private func efficiencyChart(_ kinds: [Kind], _ rule: ScalingRule) -> Markup {
        let series = kinds.enumerated().map { index, kind in
            let points = kind.members.compactMap { member in
                member.scaling.map { XYChart.Point(x: member.scale, y: $0.efficiency * 100) }
            }
            let name = kind.name.isEmpty ? "efficiency" : kind.name
            return XYChart.Series(name: name, number: index, style: .lineAndPoints, points: points)
        }
        let scales = kinds.flatMap(\.members).map(\.scale)
        let ideal = [scales.min(), scales.max()].compactMap(\.self).map { XYChart.Point(x: $0, y: 100) }
        return XYChart(
            ChartText(
                id: "scaling-efficiency",
                title: "Efficiency against \(rule.scale)",
                description: "Speed-up against the smallest scale / ratio of the scales; 100 % is ideal."
            ),
            x: XYChart.Axis(rule.scale, kind: .logarithmic),
            y: XYChart.Axis("efficiency, %", fromZero: true),
            series: series + [.init(name: "ideal", category: .grey, style: .ideal, points: ideal)],
            table: scalingTable(kinds, rule, DisplayUnit.seconds(groups.compactMap(\.stepSeconds)))
        ).markup
    }

    private func scalingTable(_ kinds: [Kind], _ rule: ScalingRule, _ unit: DisplayUnit) -> DataTable {
        let columns = ["point", "runs", "step \(unit.name)", "spread %", "speed-up", "efficiency %"]
        return DataTable(
            columns: columns,
            rows: kinds.flatMap(\.members).map { member in
                [
                    member.group.label, "\(member.group.finished.count)", unit.text(member.group.stepSeconds),
                    FigureText.number(member.group.spread.map { $0 * 100 }, decimals: 1),
                    FigureText.number(member.scaling?.speedUp, decimals: 2),
                    FigureText.number(member.scaling.map { $0.efficiency * 100 }, decimals: 1),
                ]
            }
        )
    }
}

/// The Pareto front: the elements that no other element beats in both cost and gain.
enum ParetoFront {
    /// Return the front in order of rising cost; elements of the same cost and gain are all kept.
    static func of<Element>(
        _ elements: [Element],
        cost: (Element) -> Double,
        gain: (Element) -> Double
    ) -> [Element] {
        let sorted = elements.sorted { (cost($0), -gain($0)) < (cost($1), -gain($1)) }
        var best = -Double.infinity
        var bestCost = -Double.infinity
        return sorted.filter { element in
            guard gain(element) > best || (gain(element) == best && cost(element) == bestCost) else { return false }
            (best, bestCost) = (gain(element), cost(element))
            return true
        }
    }
}
