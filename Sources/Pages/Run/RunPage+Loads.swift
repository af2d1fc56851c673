import Charts
import MoE
import Placement
import Reports

extension RunPage {
    /// Copies of each rank, and of each expert of each layer.
    var loadCharts: [Markup] {
        [copiesPerRank, heatMap].compactMap(\.self)
    }

    private var copiesPerRank: Markup? {
        let ranks = report.rankTotals
        guard !ranks.isEmpty else { return nil }
        let copies = ranks.map(\.copies)
        let mean = copies.reduce(0, +) / Double(copies.count)
        let busiest = copies.indices.max { copies[$0] < copies[$1] } ?? 0
        let most = "rank \(ranks[busiest].rank) has most, \(FigureText.count(copies[busiest]))"
        return ColumnChart(
            ChartText(
                id: "rank-load",
                title: "Routed copies per rank",
                description: "Copies of a step, all layers together: \(most), the mean is \(FigureText.count(mean)). "
                    + "Imbalance within single layers is larger and is what the card says; the verdict above goes by seconds of compute.",
                isWide: true
            ),
            names: ranks.map { "\($0.rank)" },
            values: copies,
            reference: ("mean over ranks", mean),
            marked: (busiest, "rank \(ranks[busiest].rank)"),
            axes: ("rank", "copies per step"),
            table: DataTable(
                columns: [
                    "rank", "experts", "copies/step", "share %", "imbalance", "bytes out/step", "bytes back/step",
                ],
                rows: ranks.map { rank in
                    [
                        "\(rank.rank)", "\(rank.experts)", FigureText.count(rank.copies),
                        FigureText.number(rank.share.map { $0 * 100 }, decimals: 2), FigureText.number(rank.imbalance),
                        FigureText.count(rank.dispatchBytes), FigureText.count(rank.combineBytes),
                    ]
                }
            )
        ).markup
    }

    private var heatMap: Markup? {
        guard let first = expertLoads.first, !first.isEmpty else { return nil }
        let (order, rules) = columns(experts: first.count)
        let ratios = expertLoads.map { loads in
            let mean = loads.reduce(0, +) / Double(loads.count)
            return order.map { mean > 0 ? loads[$0] / mean : 0 }
        }
        let names = order.map { "\($0)" }
        return HeatMap(
            ChartText(
                id: "expert-load",
                title: "Load of every expert in every layer",
                description:
                    "Copies of an expert / mean of its layer, over all steps\(byRank ? "; lines part the ranks" : ""). "
                    + hottest(ratios, order),
                isWide: true
            ),
            axes: HeatMap.Axes(
                x: byRank ? "expert, in the order of ranks" : "expert",
                y: "layer",
                columns: names,
                rows: ratios.indices.map { "\($0)" }
            ),
            values: ratios,
            rules: rules,
            top: Self.top(ratios),
            unit: "load / mean of the layer",
            table: DataTable(
                columns: ["layer"] + order.map { "expert \($0)" },
                rows: ratios.enumerated().map { ["\($0)"] + $1.map { FigureText.number($0, decimals: 2) } }
            )
        ).markup
    }

    /// Whether the experts of one rank stand side by side: where each has one slot, in the same place of every layer.
    private var byRank: Bool { placement.isUniform && !placement[0].hasReplicas }

    /// The experts in the order of their columns, and the columns that begin another rank.
    private func columns(experts: Int) -> (order: [Int], rules: [Int]) {
        guard byRank else { return (Array(0..<experts), []) }
        let slots = placement[0].slots.sorted { ($0.rank, $0.expert) < ($1.rank, $1.expert) }
        return (slots.map(\.expert), slots.indices.dropFirst().filter { slots[$0].rank != slots[$0 - 1].rank })
    }

    /// Where the colours end: a few very hot experts must not leave all others in the dark.
    private static func top(_ ratios: [[Double]]) -> Double? {
        let sorted = ratios.joined().sorted()
        guard let most = sorted.last else { return nil }
        let usual = Summary.percentile(0.99, ofSorted: sorted)
        return most > 1.5 * usual ? usual.rounded(.up) : nil
    }

    private func hottest(_ ratios: [[Double]], _ order: [Int]) -> String {
        let all = ratios.enumerated().flatMap { layer, row in row.indices.map { (layer, $0, row[$0]) } }
        guard let most = all.max(by: { $0.2 < $1.2 }) else { return "" }
        let expert = order[most.1]
        return "The hottest is expert \(expert) of layer \(most.0) on \(ranks(ofExpert: expert, layer: most.0)), with "
            + "\(FigureText.number(most.2, decimals: 2)) × the mean."
    }

    private func ranks(ofExpert expert: Int, layer: Int) -> String {
        let ranks = placement[layer].ranks(ofExpert: expert).map { "\($0)" }
        return "\(ranks.count == 1 ? "rank" : "ranks") \(ranks.joined(separator: ", "))"
    }
}
