extension TerminalReport {
    /// How even the loads were, over ranks and over experts, and what was dropped.
    func loadSection() -> [String] {
        let load = report.load
        var table = TextTable(columns: [
            .init("load", alignment: .left), .init("formula", alignment: .left),
            .init("mean"), .init("p50"), .init("p90"), .init("max"),
        ])
        func add(_ name: String, _ formula: String, _ spread: Spread) {
            table.append([name, formula] + [spread.mean, spread.p50, spread.p90, spread.max].map(Self.ratio))
        }
        add("rank imbalance", "max / mean", load.rank.imbalance)
        add("rank balancedness", "mean / max", load.rank.balancedness)
        add("expert imbalance", "max / mean", load.expert.imbalance)
        add("expert CV", "std / mean", load.expert.cv)
        add("expert MaxVio", "max / mean - 1", load.expert.maxvio)
        add("importance CV", "std / mean", load.importance.cv)
        for loss in load.losses { add("loss: " + Printable.text(loss.name), Self.formula(loss), loss.value) }
        let title = "# experts: each figure per (step, layer), then its spread over all of them"
        return wrapped(title, continuation: "#   ") + table.lines() + wrapped(Self.dropped(load.dropped))
    }

    static func formula(_ loss: LossFigures) -> String {
        let coefficient =
            loss.coefficient.map { "coefficient \(FixedPoint.text($0, significant: 6))" } ?? "no coefficient"
        return loss.valueAtBalance.map { "\(coefficient), \(FixedPoint.text($0, significant: 6)) at balance" }
            ?? coefficient
    }

    private static func dropped(_ dropped: DroppedFigures) -> String {
        guard dropped.copies > 0 else { return "dropped: none" }
        return "dropped: \(dropped.copies) copies (\(percent(dropped.fraction)) % of all, at most "
            + "\(percent(dropped.largestFraction)) % of a layer); \(dropped.tokens) tokens lost all copies of a layer"
    }
}
