import Figures
import Basics
import Charts
public import Reports

/// The page of a comparison: paired bars, differences with their intervals, and what to beware of.
public struct ComparisonPage: Sendable {
    let comparison: ComparisonReport

    /// The page of a comparison.
    public init(_ comparison: ComparisonReport) {
        self.comparison = comparison
    }

    /// The page.
    public var html: String {
        Page(
            title: "\(Self.title(comparison.b)) against \(Self.title(comparison.a))",
            subtitle:
                "epsim compare, \(FigureText.percent(comparison.confidence, decimals: 0)) intervals over \(repeats)",
            content: [verdict, sides] + sections
        ).html
    }

    private var repeats: String {
        switch comparison.repeats {
        case .steps: "the measured steps of one run each, which may depend on each other"
        case .runs: "runs"
        }
    }

    private var sections: [Markup] {
        let points = comparison.points.enumerated().map { index, point in
            let title = point.parameters.isEmpty ? "Differences" : point.parameters.joined(separator: " ")
            return PageSection(title, "", pointCharts(point, index: index)).markup
        }
        let steps = stepsOfPoints.map { [PageSection("All points", "", [$0]).markup] } ?? []
        return steps + points
    }

    /// The main figure's difference of runs, or how many points of a sweep became better.
    private var verdict: Markup {
        let rows = comparison.points.compactMap { $0.row("\(FigureName(.stepSeconds, .mean))") ?? $0.rows.first }
        let words: String
        if let only = rows.first, rows.count == 1 {
            words = "\(only.title): \(only.sentence)."
        } else {
            let better = rows.count { $0.bIsBetter == true }
            let worse = rows.count { $0.bIsBetter == false }
            words =
                "Mean step: B is better at \(better) of \(rows.count) points and worse at \(worse); at the others the "
                + "difference is within the noise, none, or not known."
        }
        let differences = comparison.configDifferences.map { difference in
            "Differs: \(difference.key): A \(difference.a ?? "-"), B \(difference.b ?? "-")"
        }
        let unmatched = comparison.unmatched.map {
            "Only in \($0.side.uppercased()): \($0.parameters.joined(separator: " "))"
        }
        let notes = (comparison.warnings.map { "Note: " + $0 } + differences + unmatched).map {
            Markup.element("p", ["class": "note"], $0)
        }
        return .element("div", ["class": "verdict"], [.element("p", [:], words)] + notes)
    }

    /// What a side is called, without its folder; a number where it is a list.
    private static func title(_ side: SideDescription) -> String {
        guard side.isSweep || side.runs.count == 1 else { return "\(side.runs.count) runs" }
        return side.name.split(separator: "/").last.map(String.init) ?? side.name
    }

    private var sides: Markup {
        Card.row(
            zip(["A", "B"], [comparison.a, comparison.b]).map { letter, side in
                let clocks = side.clocks.map(\.rawValue).joined(separator: " and ")
                let runs = Counted.text(side.runs.count, "run")
                let details = [runs, "\(clocks) clock"] + side.hosts + [side.name]
                return Card(letter, value: Self.title(side), detail: details.joined(separator: ", "))
            }
        )
    }
}
