import Basics
public import Figures
public import Records

extension TerminalReport {
    /// The most refusals that are shown; the report has all.
    private static let mostRefusals = 5

    /// The lines on rebalances: one row each, and what was refused.
    func rebalanceSection() -> [String] {
        guard let rebalances = report.rebalances else { return [] }
        guard !rebalances.isEmpty else { return ["# rebalances: none"] }
        let times = DisplayUnit.seconds(
            rebalances.flatMap { [$0.planningSeconds, $0.blockedSeconds, $0.backgroundSeconds] }
        )
        let size = DisplayUnit.bytes(rebalances.map { Double($0.bytes) })
        var table = TextTable(columns: [
            .init("rebalance before step"), .init("layers"), .init("experts"), .init("moved", unit: size.name),
            .init("planning", unit: times.name), .init("blocked", unit: times.name),
            .init("background", unit: times.name), .init("steps"), .init("imbalance"), .init("after"),
            .init("expected"), .init("why", alignment: .left),
        ])
        for rebalance in rebalances {
            table.append([
                "\(rebalance.step)", "\(rebalance.layersSwitched)", "\(rebalance.copies)",
                size.text(Double(rebalance.bytes)), times.text(rebalance.planningSeconds),
                times.text(rebalance.blockedSeconds), times.text(rebalance.backgroundSeconds),
                rebalance.stepsUntilSwitched.map { "\($0)" } ?? "-", Self.ratio(rebalance.imbalanceBefore),
                Self.ratio(rebalance.imbalanceAfter), Self.ratio(rebalance.imbalanceExpected), rebalance.reason,
            ])
        }
        let refused = rebalances.flatMap { rebalance in
            rebalance.refusals.map { "refused before step \(rebalance.step): \($0)" }
        }
        let rest = refused.count - Self.mostRefusals
        return table.lines(width: width) + refused.prefix(Self.mostRefusals).flatMap { wrapped($0) }
            + (rest > 0 ? ["and \(rest) more, in report.json"] : [])
    }
}

extension RebalanceRecord: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "background_seconds": "Seconds from its beginning to the last switch in which steps ran.",
        "blocked_seconds":
            "Seconds between steps in which no step could run: planning, and loading in the blocking form.",
        "break_even_expected": "Steps within which it was expected to pay; missing where no price or saving was known.",
        "break_even_measured": "Steps within which it pays by measured seconds; missing where steps got no shorter.",
        "bytes": "Bytes of the experts that were brought to a rank, as their products hold them.",
        "copies": "Copies of experts that were brought to a rank that did not hold them.",
        "imbalance_after": "Imbalance of the steps from the last switch on, a window at most.",
        "imbalance_before": "Imbalance of the steps before, a window at most.",
        "imbalance_expected": "Imbalance of the new maps on the loads that they were made for.",
        "layers_kept": "Layers whose map stayed, since there was nothing to gain.",
        "layers_switched": "Layers that have a new map.",
        "loading_seconds": "Seconds that the rank which loaded longest was loading.",
        "most_bytes": "Bytes of the rank that got most.",
        "planning_seconds": "Seconds of planning, between steps.",
        "reason": "Why it began.",
        "refusals": "What was refused and why.",
        "seconds_after": "Mean seconds of the steps after.",
        "seconds_before": "Mean seconds of the steps before.",
        "seconds_meanwhile": "Mean seconds of the steps while experts moved.",
        "step": "The measured step before which it began; negative in the warm-up.",
        "steps_until_switched": "Steps until the last layer had switched; missing where none did.",
    ]
}
