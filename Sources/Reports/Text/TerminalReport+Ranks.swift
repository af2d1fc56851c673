import Figures
import Basics
import Records
import MoE

extension TerminalReport {
    /// Ranks of a prediction up to which all are shown.
    private static let mostRanks = 32
    /// Ranks that are shown otherwise.
    private static let fewRanks = 8

    /// One row per rank, its layers together, with the mean and the maximum below.
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
