import Basics
public import Figures
import MoE
public import Reports

/// One system of a tour: its run here, and the modelled time of one of its layers in full size.
public struct TourStop: Codable, Sendable {
    /// The name of the system on the command line.
    public let name: String
    /// The name of the system as publications write it.
    public let title: String
    /// The year of the system.
    public let year: Int
    /// The point of the system in one line.
    public let idea: String
    /// The verdict on the run.
    public let status: RunStatus
    /// Busiest rank / mean rank, in routed copies; mean over (step, layer).
    @OrNull public private(set) var imbalance: Double?
    /// Busiest expert / mean expert - 1, in routed copies; mean over (step, layer).
    @OrNull public private(set) var maxvio: Double?
    /// Copies dropped / copies asked for.
    @OrNull public private(set) var droppedShare: Double?
    /// Tokens that no expert computed / tokens routed, over all layers.
    @OrNull public private(set) var unservedShare: Double?
    /// Bytes that a token sends and gets back in one layer of the small run.
    @OrNull public private(set) var bytesPerToken: Double?
    /// Seconds of one layer in full size, by the modelled clock; nil where it cannot be predicted.
    @OrNull public private(set) var layerSeconds: Double?
    /// The reason why there is no prediction, or nil.
    @OrNull public private(set) var note: String?

    /// Create the stop of a run.
    ///
    /// - Parameters:
    ///   - report: the report of the small run.
    ///   - layerSeconds: the modelled seconds of one layer in full size, or nil.
    ///   - note: the reason why there are none.
    public init(
        name: String,
        title: String,
        year: Int,
        idea: String,
        report: Report,
        layerSeconds: Double?,
        note: String?
    ) {
        (self.name, self.title, self.year, self.idea) = (name, title, year, idea)
        status = report.status
        let figures = report.figures
        imbalance = figures[FigureName(.rankImbalance)]
        maxvio = figures[FigureName(.maxvio)]
        droppedShare = figures[FigureName(.droppedFraction)]
        unservedShare = figures[FigureName(.unservedFraction)]
        let tokens = Double(report.run.workload.tokensPerStep * report.run.model.layers)
        let bytes = [Figure.bytesOutPerStep, .bytesBackPerStep].compactMap { figures[FigureName($0)] }
        bytesPerToken = bytes.count == 2 ? Average.ratio(bytes.reduce(0, +), tokens) : nil
        self.layerSeconds = layerSeconds
        self.note = note
    }
}

/// The page of a tour: all systems side by side, in the order of their publication.
public struct TourPage: Sendable {
    /// One figure of the page, as a chart with a bar for each system.
    struct Column: Sendable {
        let id: String
        let title: String
        let description: String
        let axis: String
        let value: @Sendable (TourStop) -> Double?
        /// The factor from the value to the unit of the axis.
        var factor = 1.0
        var decimals = 2
    }

    private let stops: [TourStop]
    private let hardware: String
    private let ranks: Int
    private let tokensPerRank: Int

    /// Create the page of a tour.
    ///
    /// - Parameters:
    ///   - hardware: the hardware profile of the predictions.
    ///   - ranks: the ranks of each prediction.
    ///   - tokensPerRank: the tokens of each rank in a predicted step.
    public init(_ stops: [TourStop], hardware: String, ranks: Int, tokensPerRank: Int) {
        self.stops = stops
        self.hardware = hardware
        self.ranks = ranks
        self.tokensPerRank = tokensPerRank
    }

    /// The page as HTML.
    public var html: String {
        Page(
            title: "A tour of mixture-of-experts systems",
            subtitle:
                "\(stops.count) systems in the order of their publication, run small on this machine; one layer in full "
                + "size predicted on \(ranks) ranks of \(hardware)",
            content: [
                verdict,
                PageSection("Side by side", introduction, [table.folded("All systems, all figures", isOpen: true)])
                    .markup,
            ]
                + [PageSection("Figure by figure", "", columns.map(chart)).markup]
        ).html
    }

    private var introduction: String {
        "The small runs have the routers, experts and choices of each system with narrow layers and made-up tokens: loads and "
            + "drops are those of its router on such tokens, bytes are those of the narrow rows. The predicted layer has "
            + "the published widths and \(tokensPerRank) tokens a rank."
    }

    /// The systems that stand out, in one sentence each.
    private var verdict: Markup {
        var words: [String] = []
        if let worst = stops.max(by: { ($0.maxvio ?? 0) < ($1.maxvio ?? 0) }), let value = worst.maxvio {
            words.append(
                "\(worst.title) has the busiest expert: \(FixedPoint.text(1 + value, decimals: 1)) times the mean."
            )
        }
        if let worst = stops.max(by: { ($0.droppedShare ?? 0) < ($1.droppedShare ?? 0) }),
            let value = worst.droppedShare,
            value > 0
        {
            words.append("\(worst.title) drops most: \(FigureText.percent(value)) of its copies.")
        }
        let failed = stops.filter { $0.status == .failed }
        if !failed.isEmpty { words.append("\(failed.count) runs failed: \(WordList.all(failed.map(\.name))).") }
        return .element("div", ["class": "verdict"], words.map { .element("p", [:], $0) })
    }

    private var columns: [Column] {
        [
            Column(
                id: "imbalance",
                title: "Rank imbalance",
                description: "Busiest rank / mean, in routed copies; 1 is perfect.",
                axis: "max / mean",
                value: \.imbalance
            ),
            Column(
                id: "maxvio",
                title: "Expert MaxVio",
                description: "Busiest expert / mean - 1; 0 is perfect.",
                axis: "max / mean - 1",
                value: \.maxvio
            ),
            Column(
                id: "dropped",
                title: "Copies dropped",
                description: "Copies without a place at their expert / copies asked for.",
                axis: "%",
                value: \.droppedShare,
                factor: 100
            ),
            Column(
                id: "unserved",
                title: "Tokens without an expert",
                description: "Tokens all of whose copies were dropped / tokens.",
                axis: "%",
                value: \.unservedShare,
                factor: 100
            ),
            Column(
                id: "bytes",
                title: "Bytes per token",
                description: "Sent to the ranks and back, per token and layer of the small run.",
                axis: "KiB",
                value: \.bytesPerToken,
                factor: 1 / 1024
            ),
            Column(
                id: "layer",
                title: "One layer in full size",
                description: "Modelled clock, \(ranks) ranks of \(hardware), \(tokensPerRank) tokens a rank.",
                axis: "ms",
                value: \.layerSeconds,
                factor: 1000,
                decimals: 3
            ),
        ]
    }

    private func chart(_ column: Column) -> Markup {
        let known = stops.filter { column.value($0) != nil }
        return SpanChart(
            ChartText(id: column.id, title: column.title, description: column.description),
            kinds: [SpanChart.Kind(name: column.title, category: .blue)],
            rows: known.map { stop in
                let length = max(0, (column.value(stop) ?? 0) * column.factor)
                return SpanChart.Row(name: stop.name, spans: [SpanChart.Span(kind: 0, range: 0..<length)])
            },
            axis: column.axis,
            table: DataTable(
                columns: ["system", "\(column.title), \(column.axis)"],
                rows: known.map { [$0.name, text($0, column)] }
            )
        ).markup
    }

    private func text(_ stop: TourStop, _ column: Column) -> String {
        column.value(stop).map { FixedPoint.text($0 * column.factor, decimals: column.decimals) } ?? "-"
    }

    private var table: DataTable {
        DataTable(
            columns: ["system", "year"] + columns.map { "\($0.title), \($0.axis)" } + ["idea"],
            rows: stops.map { stop in
                let idea = stop.note.map { "\(stop.idea) (no prediction: \($0))" } ?? stop.idea
                return [stop.name, "\(stop.year)"] + columns.map { text(stop, $0) } + [idea]
            },
            words: 1
        )
    }
}
