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
        add("rank imbalance", "max / mean", load.rank.imbalance)
        add("rank balancedness", "mean / max", load.rank.balancedness)
        add("expert imbalance", "max / mean", load.expert.imbalance)
        add("expert CV", "std / mean", load.expert.cv)
        add("expert CV²", "variance / mean²", load.expert.cvSquared)
        add("expert MaxVio", "max / mean - 1", load.expert.maxvio)
        add("importance CV", "std / mean", load.importance.cv)
        add("importance CV²", "variance / mean²", load.importance.cvSquared)
        if load.smoothLoad.cvSquared.summary != nil {
            add("smooth load CV²", "variance / mean²", load.smoothLoad.cvSquared)
        }
        for loss in load.losses { add("loss: " + Printable.text(loss.name), Self.formula(loss), loss.value) }
        let title = "# experts: each figure per (step, layer), then its spread over all of them"
        let notes = [dropped(load.dropped), unserved(load.dropped), padding(load.padding)].compactMap { $0 }
        return wrapped(title, continuation: "#   ") + table.lines(width: width) + notes.flatMap { wrapped($0) }
    }

    static func formula(_ loss: LossFigures) -> String {
        let coefficient =
            loss.coefficient.map { "coef. \(FixedPoint.text($0, significant: 6))" } ?? "no coef."
        return loss.valueAtBalance.map { "\(coefficient), \(FixedPoint.text($0, significant: 6)) at balance" }
            ?? coefficient
    }

    private func dropped(_ dropped: DroppedFigures) -> String {
        guard dropped.copies > 0 else { return "dropped: none" }
        return "dropped: \(dropped.copies) copies (\(Self.percent(dropped.fraction)) % of all, at most "
            + "\(Self.percent(dropped.largestFraction)) % of a layer)"
    }

    private func unserved(_ dropped: DroppedFigures) -> String? {
        guard dropped.tokens > 0 else { return nil }
        return "without expert: \(dropped.tokens) tokens (\(Self.percent(dropped.tokenFraction)) % of all, at most "
            + "\(Self.percent(dropped.largestTokenFraction)) % in a layer); each counts once per layer"
    }

    private func padding(_ padding: PaddingFigures) -> String? {
        guard let rows = padding.rowsPerStep, let copies = padding.copiesPerStep else { return nil }
        let to = report.run.padding.map { " to \($0)" } ?? ""
        return "padding: \(Self.percent(padding.extraFraction)) % more rows (at most "
            + "\(Self.percent(padding.largestExtraFraction)) % in a layer) if queues were padded\(to): "
            + "\(FixedPoint.text(rows, decimals: 1)) rows a step for \(FixedPoint.text(copies, decimals: 1)) copies"
    }
}
