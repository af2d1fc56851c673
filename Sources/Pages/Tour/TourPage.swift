public import Basics
import Figures
import MoE
public import Records
public import Reports

/// One system of a tour: its run here, and the modelled time of one of its layers in full size.
public struct TourStop: Codable, Sendable {
    /// The name of the system on the command line.
    public let name: String
    /// The name of the system as publications write it.
    public let title: String
    /// The year of the system.
    public let year: Int
    /// The main idea of the system, in one line.
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
    /// Seconds in which rows travel / those seconds, of the busiest rank.
    @OrNull public private(set) var communicationShare: Double?
    /// The ranks of the prediction.
    @OrNull public private(set) var ranks: Int?
    /// The reason why there is no prediction, or nil.
    @OrNull public private(set) var note: String?

    /// The prediction of one layer in full size.
    public enum Prediction: Sendable {
        /// The only step of one layer, on so many ranks.
        case step(StepRecord, ranks: Int)
        /// No prediction, for a reason.
        case none(String)
    }

    /// Create the stop of a run.
    ///
    /// - Parameters:
    ///   - report: the report of the small run.
    ///   - prediction: the prediction of one layer in full size.
    public init(
        name: String,
        title: String,
        year: Int,
        idea: String,
        report: Report,
        prediction: Prediction
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
        switch prediction {
        case .step(let step, let ranks):
            layerSeconds = step.seconds
            communicationShare = FigureAccumulator([step], ranks: ranks)[.communicationShare]
            self.ranks = ranks
        case .none(let reason): note = reason
        }
    }
}

/// One figure of a tour: a column on its page and in a terminal.
public struct TourFigure: Sendable {
    /// The definition of the figure, in words.
    let definition: String
    /// The value of a system without fault, where the bars of the page begin.
    let least: Double
    /// The word above the column.
    public let heading: String
    /// The unit of the values as shown, or the empty text.
    public let unit: String
    private let decimals: Int
    /// The number of units in one second, byte or whole.
    private let factor: Double
    private let value: @Sendable (TourStop) -> Double?

    /// The circumstances of the predictions.
    public struct Circumstances: Sendable {
        let hardware: String
        let ranks: Int
        let tokensPerRank: Int

        /// Predictions on a hardware profile, on at most so many ranks, with so many tokens a rank in a step.
        public init(hardware: String, ranks: Int, tokensPerRank: Int) {
            (self.hardware, self.ranks, self.tokensPerRank) = (hardware, ranks, tokensPerRank)
        }

        var words: String { "\(ranks) ranks of \(hardware) with \(tokensPerRank) tokens each" }
    }

    /// The figures of a tour, in the order in which they are shown.
    public static func all(_ predicted: Circumstances) -> [TourFigure] {
        [
            TourFigure(.rankImbalance, "imbalance", least: 1) { $0.imbalance },
            TourFigure(.maxvio, "MaxVio") { $0.maxvio },
            TourFigure(.droppedFraction, "dropped") { $0.droppedShare },
            TourFigure(.unservedFraction, "unserved") { $0.unservedShare },
            TourFigure(
                "bytes that a token sends to the ranks and gets back in one layer of the small run",
                heading: "bytes/token",
                unit: "KiB",
                factor: 0x1p-10
            ) { $0.bytesPerToken },
            TourFigure(
                "one layer in full size by the modelled clock, on \(predicted.words)",
                heading: "layer",
                unit: "ms",
                factor: 1e3,
                decimals: 3
            ) { $0.layerSeconds },
            TourFigure(.communicationShare, "sending") { $0.communicationShare },
        ]
    }

    private init(
        _ definition: String,
        least: Double = 0,
        heading: String,
        unit: String,
        factor: Double = 1,
        decimals: Int = 2,
        value: @escaping @Sendable (TourStop) -> Double?
    ) {
        (self.definition, self.least) = (definition, least)
        (self.heading, self.unit, self.factor, self.decimals) = (heading, unit, factor, decimals)
        self.value = value
    }

    /// A ratio or share of the catalogue of figures.
    private init(
        _ figure: Figure,
        _ heading: String,
        least: Double = 0,
        value: @escaping @Sendable (TourStop) -> Double?
    ) {
        let isShare = figure.unit == .share
        self.init(
            figure.definition,
            least: least,
            heading: heading,
            unit: isShare ? "%" : "",
            factor: isShare ? 100 : 1,
            value: value
        )
    }

    /// The value of a system in the unit of the figure, or nil.
    func number(_ stop: TourStop) -> Double? { value(stop).map { $0 * factor } }

    /// The value of a system as text, or a dash.
    public func text(_ stop: TourStop) -> String { FigureText.number(number(stop), decimals: decimals) }
}

/// The page of a tour: all systems side by side, in the order of their publication.
public struct TourPage: Sendable {
    private let stops: [TourStop]
    private let failed: [String]
    private let predicted: TourFigure.Circumstances
    private let figures: [TourFigure]

    /// Create the page of a tour.
    ///
    /// - Parameters:
    ///   - failed: the names of systems that left no report.
    ///   - predicted: the circumstances of the predictions.
    public init(_ stops: [TourStop], failed: [String], _ predicted: TourFigure.Circumstances) {
        self.stops = stops
        self.failed = failed
        self.predicted = predicted
        figures = TourFigure.all(predicted)
    }

    /// The page as HTML.
    public var html: String {
        Page(
            title: "A tour of mixture-of-experts systems",
            subtitle:
                "\(Counted.text(stops.count, "system")) in the order of publication, run small on this machine; one layer "
                + "in full size predicted on \(predicted.words)",
            content: [
                verdict,
                .element("p", ["class": "intro"], introduction), table,
                .element("h2", [:], "The columns"), definitions,
            ]
        ).html
    }

    private var introduction: String {
        "The small runs have the routers and choices of each system, at most 256 of its experts, narrow layers and as many "
            + "made-up tokens as all others: loads and drops are those of its router on such tokens, bytes are those of the "
            + "narrow rows. The predicted layer has the published widths, and even loads as far as its router lets them be."
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
        if let worst = stops.max(by: { ($0.layerSeconds ?? 0) < ($1.layerSeconds ?? 0) }),
            let value = worst.layerSeconds
        {
            words.append("A layer of \(worst.title) takes longest: \(FixedPoint.text(value * 1e3, decimals: 3)) ms.")
        }
        let failed = failed + stops.filter { $0.status == .failed }.map(\.name)
        if !failed.isEmpty { words.append("\(Counted.text(failed.count, "run")) failed: \(WordList.all(failed)).") }
        return .element("div", ["class": "verdict"], words.map { .element("p", [:], $0) })
    }

    /// One row for each system; behind each number, a bar from the least possible value to the largest of the column.
    private var table: Markup {
        let most = figures.map { figure in stops.compactMap(figure.number).max() ?? figure.least }
        let heads = figures.map { figure in
            Markup.element(
                "th",
                ["scope": "col", "title": figure.definition],
                [Markup(figure.heading), .element("small", [:], figure.unit)]
            )
        }
        let head = Markup.element("tr", [:], [.element("th", ["scope": "col"], "system")] + heads)
        let rows = stops.map { stop in
            let cells = zip(figures, most).map { figure, most in
                let part = figure.number(stop).map { max(0, ($0 - figure.least) / max(most - figure.least, 1e-9)) } ?? 0
                return Markup.element(
                    "td",
                    ["style": "--part:\(FixedPoint.text(100 * part, decimals: 1))%"],
                    figure.text(stop)
                )
            }
            return Markup.element("tr", [:], [name(of: stop)] + cells)
        }
        return .element(
            "div",
            ["class": "bars"],
            [.element("table", [:], [.element("thead", [:], [head]), .element("tbody", [:], rows)])]
        )
    }

    /// Year, title and idea of a system, and what went wrong with it.
    private func name(of stop: TourStop) -> Markup {
        let faults = [
            stop.status == .valid ? nil : stop.status.rawValue, stop.note.map { "no prediction: \($0)" },
            stop.ranks.flatMap { $0 < predicted.ranks ? "predicted on \($0) ranks, one for each expert" : nil },
        ]
        let fault = faults.compactMap(\.self).joined(separator: "; ")
        return .element(
            "th",
            ["scope": "row"],
            [
                .element("b", [:], stop.title), Markup(" \(stop.year) "), .element("code", [:], stop.name),
                .element("p", [:], stop.idea), fault.isEmpty ? .empty : .element("p", [:], [.element("i", [:], fault)]),
            ]
        )
    }

    /// What each column means.
    private var definitions: Markup {
        .element(
            "dl",
            [:],
            figures.flatMap { [Markup.element("dt", [:], $0.heading), .element("dd", [:], $0.definition)] }
        )
    }
}
