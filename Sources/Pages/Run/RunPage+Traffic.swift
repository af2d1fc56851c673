import Figures
import Basics
import Charts
import Reports

extension RunPage {
    /// Bytes between ranks; none where pairs were not counted.
    var trafficChart: Markup? {
        let traffic = report.communication.traffic
        guard traffic.deduplicatedBytes.count > 1 else {
            let words = "Pairs of ranks were not counted: that needs tokens which are routed one by one."
            return report.workers > 1 ? .element("p", ["class": "note"], words) : nil
        }
        let blocks = RankBlocks(traffic.deduplicatedBytes)
        let (bytes, names) = (blocks.values, blocks.names)
        let unit = DisplayUnit.bytes(bytes.flatMap(\.self))
        let sums = [Figure.deduplicatedBytes, .naiveBytes].map { report.figures[$0] ?? 0 }
        let words = sums.map { DisplayUnit.bytes(sums).full($0) }
        return HeatMap(
            ChartText(
                id: "traffic",
                title: "Traffic between ranks",
                description:
                    "Bytes of token rows of a step, dispatch and combine, as if each rank owned its part of the "
                    + "tokens and sent it once to each rank that needs it: \(words[0]) between ranks, what stays on its "
                    + "rank is on the diagonal. With a row per copy it would be \(words[1])."
                    + (blocks.size > 1 ? " A cell is \(blocks.size) × \(blocks.size) ranks; report.json has all." : ""),
                isWide: true
            ),
            axes: HeatMap.Axes(x: "rank with the expert", y: "source rank", columns: names, rows: names),
            values: bytes.map { $0.map { $0 * unit.factor } },
            unit: unit.name,
            table: DataTable(
                columns: ["source rank"] + names.map { "rank \($0) (\(unit.name))" },
                rows: zip(names, bytes).map { source, row in [source] + row.map { unit.text($0) } }
            )
        ).markup
    }
}
