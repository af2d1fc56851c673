import Basics
import Figures
import MoE
public import Placement
public import Records
public import Reports

/// The page of a run, live or predicted: `report.html`.
///
/// One file that needs nothing else. It says the same figures as `report.json`; each chart has its numbers in a table.
public struct RunPage: Sendable {
    let report: Report
    let expertLoads: [[Double]]
    let placement: Placement
    let medianStep: StepTrack?
    let worstStep: StepTrack?
    private let tracedSteps: Int?
    private let configuration: String

    /// The page of a report.
    ///
    /// - Parameters:
    ///   - expertLoads: kept copies per step, `[layers][experts]`; see `Figures/ExpertLoadSums`.
    ///   - placement: the placement of the experts of each layer.
    ///   - medianStep: a step that took about the median time.
    ///   - worstStep: the step that took longest.
    ///   - tracedSteps: the number of steps in the timeline beside the page, or nil when there is none.
    ///   - configuration: the resolved configuration, as YAML.
    public init(
        _ report: Report,
        expertLoads: [[Double]],
        placement: Placement,
        medianStep: StepTrack? = nil,
        worstStep: StepTrack? = nil,
        tracedSteps: Int? = nil,
        configuration: String
    ) {
        self.report = report
        self.expertLoads = expertLoads
        self.placement = placement
        self.medianStep = medianStep
        self.worstStep = worstStep
        self.tracedSteps = tracedSteps
        self.configuration = configuration
    }

    /// The page as HTML.
    public var html: String {
        let run = report.run
        let model = "\(run.model.layers) layers × \(run.model.expertsInWords) on \(report.workers) ranks"
        return Page(
            title: "\(run.configName): \(model)",
            subtitle: "run \(run.id), \(run.startedAt), epsim \(run.epsimVersion), \(report.clock.rawValue) clock",
            content: [verdict(isOver: true), cards] + sections
        ).html
    }

    /// The content of the page of a run that is under way: verdict so far, figures and charts, without the page around
    /// them.
    public var fragment: Markup {
        Markup([verdict(isOver: false), Card.row(loadCards + timeCards)] + chartSections)
    }

    private var sections: [Markup] {
        guard report.steps > 0 else { return [origin] }
        return chartSections + [PageSection("Steps in detail", ganttIntroduction, ganttCharts).markup, origin]
    }

    private var chartSections: [Markup] {
        [
            PageSection(
                "Load",
                "Routed copies that were kept: what the gate asks of ranks and experts." + withoutLoad,
                loadCharts
            ).markup,
            PageSection("Time", timeIntroduction, timeCharts).markup,
            PageSection("Communication", "", [trafficChart].compactMap(\.self)).markup,
            PageSection("Over the steps", "", stepCharts).markup,
            PageSection("Experts by load", "", expertCharts).markup,
        ]
    }

    /// The number of (step, layer) pairs without load, as a sentence; empty where there are none.
    private var withoutLoad: String {
        guard let pairs = report.figures[whole: .layersWithoutLoad], pairs > 0 else { return "" }
        let all = report.steps * report.run.model.layers
        return " In \(pairs) of \(all) (step, layer) pairs nothing was routed: no mean of loads counts them."
    }

    private var timeIntroduction: String {
        switch report.clock {
        case .measured: "Wall time of real processes."
        case .modelled: "Modelled time of the MoE layers alone: attention and all else are not in it."
        }
    }

    private var ganttIntroduction: String {
        let trace = tracedSteps.map { steps in
            " trace.json.gz beside this page holds \(steps == report.steps ? "" : "the first \(steps) of ")"
                + "\(Counted.text(report.steps, "step")) in full; open it at ui.perfetto.dev."
        }
        return "What each rank did, moment by moment." + (trace ?? "")
    }

    private var origin: Markup {
        let entries = report.run.entries.flatMap { entry in
            [Markup.element("dt", [:], entry.key), Markup.element("dd", [:], entry.value)]
        }
        let command = report.clock == .measured ? "run" : "predict"
        return .element(
            "section",
            [:],
            [
                .element("h2", [:], "What was run"), .element("dl", [:], entries), figureTable,
                .element("p", [:], "To do it again, with the same routing to the bit, in the folder of this page:"),
                .element("pre", [:], "epsim \(command) config.yaml"),
                .element(
                    "details",
                    [:],
                    [.element("summary", [:], "config.yaml"), .element("pre", [:], configuration)]
                ),
            ]
        )
    }
}

extension RunPage {
    /// Charts of the experts sorted by load, and of their cumulative share of the load.
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

extension RunPage {
    /// Charts of the copies of each rank, and of each expert of each layer.
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

    /// True where the heat map orders experts by rank: each expert has one slot, in the same place of every layer.
    private var byRank: Bool { placement.isUniform && !placement[0].hasReplicas }

    /// Return the experts in the order of the heat map's columns, and the columns that begin another rank.
    private func columns(experts: Int) -> (order: [Int], rules: [Int]) {
        guard byRank else { return (Array(0..<experts), []) }
        let slots = placement[0].slots.sorted { ($0.rank, $0.expert) < ($1.rank, $1.expert) }
        // Identity experts, which are on no rank, stand behind them.
        let identity = placement.experts..<max(placement.experts, experts)
        return (
            slots.map(\.expert) + identity,
            slots.indices.dropFirst().filter { slots[$0].rank != slots[$0 - 1].rank }
                + (identity.isEmpty ? [] : [slots.count])
        )
    }

    /// The load ratio at which the colours end, or nil for the largest: a few very hot experts must not leave all
    /// others in the dark.
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
        guard expert < placement.experts else { return "no rank, as it returns its input" }
        let ranks = placement[layer].ranks(ofExpert: expert).map { "\($0)" }
        return "\(ranks.count == 1 ? "rank" : "ranks") \(ranks.joined(separator: ", "))"
    }
}

extension RunPage {
    /// Charts of imbalance and throughput over the steps.
    var stepCharts: [Markup] {
        guard report.perStep.count > 1 else { return [] }
        let bins = StepBins(report.perStep)
        let shown: [Figure] = [.rankImbalance, .expertImbalance]
        let throughput = bins.points { $0[.tokensPerSecond] }
        let table = DataTable(
            columns: [bins.name] + shown.map(\.title) + ["dropped %", "without expert %", "tokens/s"],
            rows: bins.rows.map { bin in
                [bin.name] + shown.map { figure in FigureText.number(bin.mean { $0[figure] }) } + [
                    FigureText.number(bin.mean { $0[.droppedFraction].map { $0 * 100 } }, decimals: 2),
                    FigureText.number(bin.mean { $0[.unservedFraction].map { $0 * 100 } }, decimals: 2),
                    FigureText.rate(bin.mean { $0[.tokensPerSecond] }),
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
                    .init(name: "ranks", category: .blue, style: .line, points: bins.points { $0[.rankImbalance] }),
                    .init(
                        name: "experts",
                        category: .vermilion,
                        style: .line,
                        points: bins.points { $0[.expertImbalance] }
                    ),
                ],
                table: table
            ).markup,
            XYChart(
                ChartText(
                    id: "throughput-over-steps",
                    title: "Throughput over the steps",
                    description: "Tokens of a step / its seconds: median "
                        + "\(FigureText.rate(report.figures[.tokensPerSecond])) tokens/s."
                ),
                x: XYChart.Axis("step"),
                y: XYChart.Axis("tokens/s", fromZero: true),
                series: [.init(name: "throughput", category: .green, style: .line, points: throughput)],
                table: table
            ).markup,
        ]
    }
}

extension RunPage {
    /// The chart of bytes between ranks, or a note where pairs of ranks were not counted; nil for one rank.
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
