import Records
import Figures
import Basics
import Charts
public import Reports

/// The page of a sweep: `report.html` beside `summary.csv`, whose figures it shows.
public struct SweepPage: Sendable {
    let summary: SweepSummary
    let groups: [PointGroup]
    let rule: ScalingRule?
    private let name: String
    private let sweepFile: String

    /// - Parameters:
    ///   - name: what the sweep is called.
    ///   - rule: what points are held against, or nil for nothing.
    ///   - sweepFile: the sweep file, as it was.
    public init(_ summary: SweepSummary, name: String, rule: ScalingRule?, sweepFile: String) {
        self.summary = summary
        groups = PointGroup.all(summary.rows)
        self.rule = rule
        self.name = name
        self.sweepFile = sweepFile
    }

    /// The page.
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
        let finished = groups.filter { $0.stepSeconds != nil }
        guard let fastest = finished.max(by: { ($0.throughput ?? 0) < ($1.throughput ?? 0) }) else {
            return .element("div", ["class": "verdict"], [.element("p", [:], "No run has come to its end yet.")])
        }
        let words =
            "Most throughput has \(fastest.label): \(FigureText.rate(fastest.throughput)) tokens/s"
            + (efficiencySentence ?? ".")
        let notes = SweepTable(summary, rule: rule).notes.map { Markup.element("p", ["class": "note"], $0) }
        return .element("div", ["class": "verdict"], [.element("p", [:], words)] + notes)
    }

    /// How well the largest point scales.
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
        let throughput = groups.compactMap(\.throughput)
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
            Card("best throughput", value: FigureText.rate(throughput.max()), detail: "tokens/s, median over runs"),
            Card("shortest step", value: unit.full(steps.min()), detail: "median over runs"),
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
    /// The median over the runs of the median throughput.
    var throughput: Double? { median { $0[.tokensPerSecond] } }
}
