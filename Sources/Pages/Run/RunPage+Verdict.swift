import Basics
import Figures
import Reports

extension RunPage {
    /// The verdict in one sentence, the other limits of a prediction, requirements, notes and warnings.
    ///
    /// - Parameter isOver: false while the run is under way, and its status says nothing yet.
    func verdict(isOver: Bool) -> Markup {
        let limits = report.limitSentences
        let model = report.limits == nil ? "" : ", by the same model with one thing changed"
        let further = limits.count < 2 ? [] : ["Other limits\(model): " + limits.dropFirst().joined(separator: " ")]
        let notes = (report.notes ?? []).map { "Note: " + $0 } + report.warnings.map { "Warning: " + $0 }
        let requirements = report.requirements.map(\.description)
        return .element(
            "div",
            ["class": "verdict"],
            (isOver ? failure : []) + [.element("p", [:], limits[0])]
                + (further + requirements + notes).map { .element("p", ["class": "note"], $0) }
        )
    }

    /// The status and the reasons for which the figures are not to be relied on; empty for a valid run.
    private var failure: [Markup] {
        guard report.status != .valid, !report.reasons.isEmpty else { return [] }
        let reasons = report.reasons.joined(separator: "; ")
        return [.element("p", ["class": "failure"], "\(report.status.rawValue.uppercased()): \(reasons)")]
    }

    /// The cards of the main figures, which stand below the verdict.
    var cards: Markup {
        Card.row([validity] + (report.steps > 0 ? loadCards + timeCards : []))
    }

    private var validity: Card {
        let reasons = report.reasons.joined(separator: "; ")
        let (word, tone): (String, Card.Tone) =
            switch report.status {
            case .valid: ("VALID", .good)
            case .invalid: ("INVALID", .doubtful)
            case .interrupted: ("INTERRUPTED", .doubtful)
            case .failed: ("FAILED", .bad)
            }
        let checked = report.verification.checkedTokens.map { tokens in
            "\(report.verification.wrongTokens ?? 0) of \(tokens) tokens wrong"
        }
        let detail = reasons.isEmpty ? checked ?? "\(Counted.text(report.steps, "step")), seed \(report.seed)" : reasons
        return Card("verdict", value: word, detail: detail, tone: tone)
    }

    /// What is dropped stands beside what is left without an expert.
    var loadCards: [Card] {
        let figures = report.figures
        let copies = "\(figures[whole: .copiesDropped] ?? 0) routed copies; without expert: "
        let tokens =
            "\(figures[whole: .tokensUnserved] ?? 0) tokens, \(FigureText.text(figures[.unservedFraction], .share))"
        return [card(.rankImbalance), card(.balancedness), card(.maxvio), card(.droppedFraction, copies + tokens)]
    }

    var timeCards: [Card] {
        let p90 = report.figures[FigureName(.stepSeconds, .p90)]
        let perRank = report.figures[.tokensPerSecondPerRank].map { "; \(FigureText.rate($0)) per rank" } ?? ""
        return [
            card(.tokensPerSecond, "tokens/s, median of the steps\(perRank)"),
            card(.stepSeconds, "median; p90 \(FigureText.text(p90, .seconds))"), card(.communicationShare),
            card(.exposedShare),
        ]
    }

    private func card(_ figure: Figure, _ detail: String? = nil) -> Card {
        let name = FigureName(figure)
        let value = report.figures[name]
        return Card(
            figure.title,
            value: FigureText.text(value, figure.unit),
            detail: detail ?? figure.formula,
            figure: value.map { (name.description, $0) }
        )
    }

    /// The table of every figure of the catalogue that the run has.
    var figureTable: Markup {
        let figures = report.figures
        let rows = Figure.catalogue.compactMap { figure -> [String]? in
            let text = { (value: Double?) in FigureText.text(value, figure.unit) }
            guard figure.form == .spread else {
                return figures[figure].map { [figure.title, text($0), "", "", "", figure.definition, figure.path] }
            }
            let spread = figures[spread: figure]
            guard spread.summary != nil else { return nil }
            return [figure.title] + Statistic.allCases.map { text(spread[$0]) } + [figure.definition, figure.path]
        }
        let columns = ["figure"] + Statistic.allCases.map(\.word) + ["what it is", "in report.json"]
        return DataTable(columns: columns, rows: rows, words: 2).folded("Every figure (\(rows.count))")
    }
}
