import Records
import Figures
import Basics
import Charts
import Reports

extension SweepPage {
    /// Points that may be held against each other: all that is varied beside the scale is the same.
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

    /// The step and the efficiency as the scale grows, with the ideal.
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
                    range: member.group.range(factor: unit.factor) { $0[.stepSeconds] }
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

extension PointGroup {
    /// From the least to the largest of a figure over the runs; nil for fewer than two.
    func range(factor: Double = 1, _ figure: (PointFigures) -> Double?) -> ClosedRange<Double>? {
        let values = finished.compactMap { figure($0.figures) }.map { $0 * factor }
        guard values.count > 1, let least = values.min(), let most = values.max() else { return nil }
        return least...most
    }
}
