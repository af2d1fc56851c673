import Figures
import Basics

extension TerminalReport {
    /// How even the loads were, over ranks and over experts, what was dropped, and what padding would add.
    func loadSection() -> [String] {
        let load = report.load
        var table = TextTable(columns: [
            .init("load", alignment: .left), .init("formula", alignment: .left, isExplanation: true),
            .init("mean"), .init("p50"), .init("p90"), .init("max"),
        ])
        func add(_ name: String, _ formula: String, _ spread: Spread) {
            table.append([name, formula] + [spread.mean, spread.p50, spread.p90, spread.max].map(Self.ratio))
        }
        for figure in Figure.all(in: .load) where figure.form == .spread {
            let spread = load.figures[spread: figure]
            if spread.summary != nil { add(figure.title, figure.formula, spread) }
        }
        for loss in load.losses { add("loss: " + Printable.text(loss.name), Self.formula(loss), loss.value) }
        let title = "# experts: each figure per (step, layer), then its spread over all of them"
        let notes = [withoutLoad(load.figures), dropped(load.figures), unserved(load.figures), padding(load.figures)]
            .compactMap { $0 }
        return wrapped(title, continuation: "#   ") + table.lines(width: width) + notes.flatMap { wrapped($0) }
    }

    static func formula(_ loss: LossFigures) -> String {
        let coefficient =
            loss.coefficient.map { "coef. \(FixedPoint.text($0, significant: 6))" } ?? "no coef."
        return loss.valueAtBalance.map { "\(coefficient), \(FixedPoint.text($0, significant: 6)) at balance" }
            ?? coefficient
    }

    private func withoutLoad(_ figures: FigureValues) -> String? {
        guard let layers = figures[whole: .layersWithoutLoad], layers > 0 else { return nil }
        return
            "without load: \(layers) (step, layer) pairs, in which nothing was routed; no figure of loads counts them"
    }

    private func dropped(_ figures: FigureValues) -> String {
        guard let copies = figures[whole: .copiesDropped], copies > 0 else { return "dropped: none" }
        return "dropped: \(copies) copies (\(Self.percent(figures[.droppedFraction])) % of all, at most "
            + "\(Self.percent(figures[.largestDroppedFraction])) % of a layer)"
    }

    private func unserved(_ figures: FigureValues) -> String? {
        guard let tokens = figures[whole: .tokensUnserved], tokens > 0 else { return nil }
        return "without expert: \(tokens) tokens (\(Self.percent(figures[.unservedFraction])) % of all, at most "
            + "\(Self.percent(figures[.largestUnservedFraction])) % in a layer); each counts once per layer"
    }

    private func padding(_ figures: FigureValues) -> String? {
        guard let rows = figures[.paddedRowsPerStep], rows > 0, let copies = figures[.paddedCopiesPerStep] else {
            return nil
        }
        let to = report.run.padding.map { " to \($0)" } ?? ""
        return "padding: \(Self.percent(figures[.paddingFraction])) % more rows (at most "
            + "\(Self.percent(figures[.largestPaddingFraction])) % in a layer) if queues were padded\(to): "
            + "\(FixedPoint.text(rows, decimals: 1)) rows a step for \(FixedPoint.text(copies, decimals: 1)) copies"
    }
}
