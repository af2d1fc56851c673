public import Basics
public import Figures
public import MoE
import Records

/// The report of a router on recorded logits: loads, drops and losses per layer, per step and in all.
///
/// `load` has the keys and the meaning that it has in the report of a run; the figures over ranks are `null`.
public struct RoutingReport: Codable, Equatable, Sendable {
    /// The results of one layer over all steps.
    public struct Layer: Codable, Equatable, Sendable {
        /// Number of the layer in the file of logits.
        public let layer: Int
        /// Name of the tensor that the layer's logits come from.
        public let tensor: String
        /// Routed copies that the router asked for, kept or dropped, over all steps.
        public let copies: Int
        /// The load figures of the layer, over its steps.
        public let load: LoadFigures
        /// The agreement of the layer's choices with recorded choices, or nil where none were recorded.
        @OrNull public private(set) var agreement: RoutingAgreement?
        /// The first tokens whose chosen experts differ from the recorded ones.
        public let differences: [ChoiceAgreement.Difference]
    }

    /// The results of one step over all layers.
    public struct Step: Codable, Equatable, Sendable {
        /// Index of the step.
        public let step: Int
        /// Tokens of the step.
        public let tokens: Int
        /// The load figures of the step, over its layers.
        public let load: LoadFigures
    }

    /// The version of the layout of a routing report's JSON.
    public static let schemaVersion = 1

    /// The version of the layout that this report has.
    public let schemaVersion: Int
    /// The input and the router.
    public let run: RoutingDescription
    /// Routed copies that the router asked for, kept or dropped, over all layers and steps.
    public let copies: Int
    /// The load figures over all layers and steps.
    public let load: LoadFigures
    /// The layers, by number.
    public let layers: [Layer]
    /// The steps, in order.
    public let steps: [Step]
    /// The agreement of all layers with recorded choices, or nil where none were recorded.
    @OrNull public private(set) var agreement: RoutingAgreement?

    /// The report of layers that were routed.
    ///
    /// - Parameters:
    ///   - layers: each with one record per step of the description.
    ///   - tolerance: the largest relative difference of a weight from a recorded one that is allowed.
    public init(_ run: RoutingDescription, layers: [RoutedLayer], tolerance: Double) {
        let records = layers.map { layer in
            zip(run.stepTokens.indices, layer.steps).map { step, record in
                StepRecord(step: step, tokens: run.stepTokens[step], seconds: 0, layers: [record])
            }
        }
        schemaVersion = Self.schemaVersion
        self.run = run
        copies = layers.reduce(0) { $0 + $1.copies }
        load = LoadFigures.routing(records.flatMap { $0 })
        self.layers = zip(layers, records).map { layer, records in
            Layer(
                layer: layer.number,
                tensor: layer.tensor,
                copies: layer.copies,
                load: .routing(records),
                agreement: RoutingAgreement([layer.agreement].compactMap(\.self), tolerance: tolerance),
                differences: layer.agreement?.differences ?? []
            )
        }
        steps = run.stepTokens.enumerated().map { step, tokens in
            Step(step: step, tokens: tokens, load: .routing(records.map { $0[step] }))
        }
        agreement = RoutingAgreement(layers.compactMap(\.agreement), tolerance: tolerance)
    }
}

extension RoutedLayer {
    /// Routed copies that the router asked for, kept or dropped, over all steps.
    fileprivate var copies: Int {
        steps.reduce(0) { $0 + $1.expertCopies.reduce(0, +) + $1.expertDropped.reduce(0, +) }
    }
}

extension LoadFigures {
    /// Return the load figures of records without ranks; figures over ranks are not known.
    fileprivate static func routing(_ steps: [StepRecord]) -> LoadFigures {
        LoadFigures(FigureAccumulator(steps, ranks: 1, keepsValues: true))
    }
}

extension RoutingReport {
    /// The limit on the differing tokens that are listed one by one.
    private static let mostDifferences = 10

    /// The lines on the agreement with recorded choices, layer by layer; empty where none were recorded.
    func agreementSection(_ width: Int) -> [String] {
        guard let agreement else { return [] }
        var table = TextTable(columns: [
            .init("layer"), .init("same experts", unit: "tokens"), .init("tied", unit: "tokens"),
            .init("different", unit: "tokens"), .init("weights differ by", unit: "at most, relative"),
        ])
        for layer in layers {
            if let found = layer.agreement { table.append(["\(layer.layer)"] + Self.cells(found)) }
        }
        table.appendRule()
        table.append(["all"] + Self.cells(agreement))
        let precision = WordList.all(run.precisions.map(\.rawValue))
        let title =
            "# agreement with the recorded choices: tied tokens differ only in experts of equal scores in \(precision)"
        return LineWrap.lines(title, width: width, prefix: "", continuation: "#   ") + table.lines(width: width)
            + differences() + [verdict(agreement)]
    }

    private func differences() -> [String] {
        layers.flatMap { layer in
            layer.differences.map { difference in
                let found = "recorded \(Self.text(difference.recorded)), routed \(Self.text(difference.routed))"
                return "layer \(layer.layer), token \(difference.token): \(found)"
            }
        }.prefix(Self.mostDifferences).map { $0 }
    }

    private func verdict(_ agreement: RoutingAgreement) -> String {
        let ties = agreement.tiedTokens
        if agreement.holds { return ties == 0 ? "SAME" : "SAME but for \(Counted.text(ties, "tie"))" }
        let weights = "weights differ by more than \(Self.difference(agreement.tolerance))"
        let different = agreement.differentTokens
        return "DIFFERENT: " + (different == 0 ? weights : Counted.text(different, "token"))
    }

    private static func cells(_ agreement: RoutingAgreement) -> [String] {
        [agreement.sameTokens, agreement.tiedTokens, agreement.differentTokens].map { "\($0)" }
            + [difference(agreement.largestWeightDifference)]
    }

    private static func difference(_ value: Double?) -> String {
        value.map { FixedPoint.text($0, significant: 10) } ?? "-"
    }

    private static func text(_ experts: ChoiceAgreement.Experts) -> String {
        func list(_ values: [Int32]) -> String { values.map { "\($0)" }.joined(separator: " ") }
        let kept = experts.kept.isEmpty ? "none" : list(experts.kept)
        return experts.dropped.isEmpty ? kept : "\(kept) (dropped \(list(experts.dropped)))"
    }
}

extension RoutingReport {
    /// The limit on the rows of the table over the steps; more steps are joined into runs of about equal length.
    static let mostStepRows = 10

    /// Return the lines of the table of expert loads, layer by layer.
    func loadSection(_ width: Int) -> [String] {
        var table = TextTable(
            columns: [
                .init("layer"), .init("asked", unit: "copies"), .init("dropped", unit: "copies"),
                .init("dropped", unit: "%"),
                .init("no expert", unit: "tokens"), .init("padding", unit: "% more rows"),
            ] + Self.evenness.map { .init($0.title, unit: $0.formula) }
        )
        func add(_ name: String, _ copies: Int, _ load: LoadFigures) {
            let figures = load.figures
            let dropped = ["\(figures[whole: .copiesDropped] ?? 0)", TerminalReport.percent(figures[.droppedFraction])]
            let unserved = "\(figures[whole: .tokensUnserved] ?? 0)"
            let padding = TerminalReport.percent(figures[.paddingFraction])
            let spreads = Self.evenness.map { TerminalReport.ratio(figures[$0]) }
            table.append([name, "\(copies)"] + dropped + [unserved, padding] + spreads)
        }
        for layer in layers { add("\(layer.layer)", layer.copies, layer.load) }
        table.appendRule()
        add("all", copies, load)
        let largest = [Figure.largestDroppedFraction, .largestPaddingFraction].map {
            TerminalReport.percent(load.figures[$0])
        }
        let most = Self.evenness.map { TerminalReport.ratio(load.figures[spread: $0].max) }
        table.append(["max", "", "", largest[0], "", largest[1]] + most)
        return ["# loads of experts: each figure per (step, layer), mean over them"] + table.lines(width: width)
            + withoutLoad(width)
    }

    /// Return the line on the (step, layer) pairs in which nothing was routed; empty where there are none.
    private func withoutLoad(_ width: Int) -> [String] {
        guard let pairs = load.figures[whole: .layersWithoutLoad], pairs > 0 else { return [] }
        let all = layers.count * steps.count
        let words =
            pairs == all
            ? "nothing was routed: no layer of any step has a routed copy"
            : "without load: \(pairs) of \(all) (step, layer) pairs, in which nothing was routed; no figure counts them"
        return LineWrap.lines(words, width: width)
    }

    /// Return the lines of the table of the router's losses, layer by layer.
    func lossSection(_ width: Int) -> [String] {
        guard !load.losses.isEmpty else { return ["losses: the router has none"] }
        var table = TextTable(
            columns: [.init("loss of layer")]
                + load.losses.map { .init(Printable.text($0.name), unit: TerminalReport.formula($0)) }
        )
        for layer in layers { table.append(["\(layer.layer)"] + values(of: layer.load)) }
        table.appendRule()
        table.append(["mean"] + values(of: load))
        table.append(["max"] + load.losses.map { TerminalReport.ratio($0.value.max) })
        return ["# losses: without their coefficients"] + table.lines(width: width)
    }

    /// The lines on loads and losses from the first step to the last.
    func stepSection(_ width: Int) -> [String] {
        var table = TextTable(
            columns: [
                .init("steps", alignment: .left), .init("tokens"), .init("dropped", unit: "%"),
            ] + Self.evenness.map { .init($0.title, unit: $0.formula) }
                + load.losses.map { .init(Printable.text($0.name)) }
        )
        for steps in self.steps.equalRuns(atMost: Self.mostStepRows) {
            let loads = steps.map(\.load)
            let (first, last) = (steps.first?.step ?? 0, steps.last?.step ?? 0)
            let dropped = Average.of(loads.compactMap { $0.figures[.droppedFraction] })
            let even = Self.evenness.map { figure in Average.of(loads.compactMap { $0.figures[figure] }) }
            let losses = load.losses.map { loss in Average.of(loads.compactMap { $0.mean(ofLoss: loss.name) }) }
            let counts = [first == last ? "\(first)" : "\(first) to \(last)", "\(steps.reduce(0) { $0 + $1.tokens })"]
            table.append(counts + [TerminalReport.percent(dropped)] + (even + losses).map(TerminalReport.ratio))
        }
        return ["# over the steps: means over their layers"] + table.lines(width: width)
    }

    /// The figures that say how evenly the load is spread over experts.
    private static let evenness = Figure.all(in: .load).filter { figure in
        figure.form == .spread && figure.isCompared && !figure.path.hasPrefix("load.rank")
    }

    private func values(of load: LoadFigures) -> [String] {
        self.load.losses.map { TerminalReport.ratio(load.mean(ofLoss: $0.name)) }
    }
}

extension LoadFigures {
    /// Return the mean of the router's loss called `name`, or nil when there is none.
    fileprivate func mean(ofLoss name: String) -> Double? {
        losses.first { $0.name == name }?.value.mean
    }
}

extension RoutingReport {
    /// The report as JSON, in the form of ``Report/json()``.
    ///
    /// - Throws: `JSONError` when a number is infinite or not a number.
    public func json() throws(JSONError) -> String {
        try JSONText.of(self, called: "the report")
    }

    /// The report for a terminal, each line ended by a line feed.
    ///
    /// - Parameter width: characters at which text is broken and tables are cut.
    public func text(width: Int = 120) -> String {
        let width = max(width, TerminalReport.Options.narrowest)
        var sections = [header(width), loadSection(width), lossSection(width)]
        if steps.count > 1 { sections.append(stepSection(width)) }
        sections.append(agreementSection(width))
        return sections.filter { !$0.isEmpty }.joined(separator: [""]).joined(separator: "\n") + "\n"
    }

    private func header(_ width: Int) -> [String] {
        let tokens = run.stepTokens.reduce(0, +)
        let lines = [
            "epsim \(run.epsimVersion): routing of \(run.file), without a cluster",
            "router: \(run.router): \(run.rule)",
            "input: \(Counted.text(layers.count, "layer")) of \(run.experts) experts, \(Counted.text(tokens, "token")) "
                + "in \(stepsText), seed \(run.seed)",
        ]
        return (lines + run.notes.map { "note: \($0)" }).flatMap {
            LineWrap.lines(
                "# " + Printable.text($0),
                width: width,
                prefix: "",
                continuation: "#   "
            )
        }
    }

    /// The number and the size of the steps in words: `one step`, `4 steps of 512` or `4 steps of 512, the last of
    /// 100`.
    private var stepsText: String {
        guard let first = run.stepTokens.first, let last = run.stepTokens.last, steps.count > 1 else {
            return "one step"
        }
        return "\(steps.count) steps of \(first)" + (last == first ? "" : ", the last of \(last)")
    }
}
