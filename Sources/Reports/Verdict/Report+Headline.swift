import Figures
import Basics

extension Report {
    /// Below this part of a step, imbalance is not what to look at.
    private static let smallSaving = 0.01

    /// What limits the steps, in one sentence: which rank, by how much, and what removing imbalance would save.
    public var headline: String {
        guard steps > 0 else { return "No step was \(clock.rawValue), so nothing is known of what limits it." }
        guard let balance = balance?.figures, let rank = balance[whole: .busiestRank],
            let count = balance[whole: .busiestLayers], let ratio = balance[.busiestRatio],
            let saving = limits?.figures[.savedByBalance] ?? balance[.balanceSaving]
        else { return "It is not known which rank limits the step: no time of any rank's experts is." }
        let layers = balance[whole: .comparedLayers] ?? 0
        guard workers > 1 else { return "One rank does all the work, so nothing can be out of balance." }
        let times = FixedPoint.text(ratio, decimals: 2)
        let percent = FixedPoint.text(saving * 100, decimals: 1)
        let cost =
            "The slowest takes \(times) × the mean time of the ranks' experts; perfect balance would save at most "
            + "\(percent) % of a step\(outweighed(saving))."
        let often = "in \(count) of \(layers) (step, layer) pairs"
        guard saving >= Self.smallSaving else { return "No rank limits the step by much. " + cost }
        return 2 * count >= layers
            ? "Rank \(rank) limits the step: its experts are the slowest \(often). " + cost
            : "No single rank limits the step: which is the slowest changes, most often it is rank \(rank), \(often). "
                + cost
    }

    /// Words for a prediction in which something else would save more.
    private func outweighed(_ saving: Double) -> String {
        let others = [Figure.savedWithoutCompute, .savedWithoutCommunication, .savedWithoutLaunches]
        guard let limits, others.contains(where: { limits.saving($0) > saving }) else { return "" }
        return ", and other limits weigh more"
    }
}
