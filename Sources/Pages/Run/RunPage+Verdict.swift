import Basics
import Charts
import Reports

extension RunPage {
    /// The verdict in one sentence, what else bounds a prediction, and what to know before comparing.
    ///
    /// - Parameter isOver: false while the run is under way, and its status says nothing yet.
    func verdict(isOver: Bool) -> Markup {
        let limits = report.limits?.sentences(withBalance: false) ?? []
        let further =
            limits.isEmpty
            ? [] : ["Other limits, by the same model with one thing changed: " + limits.joined(separator: "; ") + "."]
        let warnings = report.warnings.map { "Note: " + $0 }
        let requirements = report.requirements.map(\.description)
        return .element(
            "div",
            ["class": "verdict"],
            (isOver ? failure : []) + [.element("p", [:], report.headline)]
                + (further + requirements + warnings).map { .element("p", ["class": "note"], $0) }
        )
    }

    /// Why the figures are not to be relied on, where they are not.
    private var failure: [Markup] {
        guard report.status != .valid, !report.reasons.isEmpty else { return [] }
        let reasons = report.reasons.joined(separator: "; ")
        return [.element("p", ["class": "failure"], "\(report.status.rawValue.uppercased()): \(reasons)")]
    }

    /// The figures that are read first.
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

    var loadCards: [Card] {
        let load = report.load
        return [
            card(
                "imbalance",
                load.rank.imbalance.mean,
                "load.rank.imbalance.mean",
                "max / mean load of ranks; 1 is perfect"
            ) {
                Figure.number($0)
            },
            card("balancedness", load.rank.balancedness.mean, "load.rank.balancedness.mean", "mean / max load of ranks")
            {
                Figure.number($0)
            },
            card("MaxVio", load.expert.maxvio.mean, "load.expert.maxvio.mean", "max / mean load of experts, less 1") {
                Figure.number($0)
            },
            card("dropped", load.dropped.fraction, "load.dropped.fraction", "\(load.dropped.copies) routed copies") {
                Figure.percent($0, decimals: 2)
            },
        ]
    }

    var timeCards: [Card] {
        let step = report.time.stepSeconds
        let unit = DisplayUnit.seconds([step.p50 ?? 0])
        let communication = report.communication
        return [
            card("throughput", report.tokensPerSecond.p50, "tokens_per_second.p50", "tokens/s, median of the steps") {
                Figure.rate($0)
            },
            card("step", step.p50, "time.step_seconds.p50", "median; p90 \(unit.full(step.p90))") { unit.full($0) },
            card(
                "communication",
                communication.totalShare,
                "communication.total_share",
                "of a step in flight at the busiest rank"
            ) { Figure.percent($0) },
            card(
                "exposed communication",
                communication.exposedShare,
                "communication.exposed_share",
                "of a step while nothing computes"
            ) { Figure.percent($0) },
        ]
    }

    private func card(
        _ name: String,
        _ value: Double?,
        _ path: String,
        _ detail: String,
        _ text: (Double?) -> String
    ) -> Card {
        Card(name, value: text(value), detail: detail, figure: value.map { (path, $0) })
    }
}
