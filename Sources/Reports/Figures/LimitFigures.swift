import Basics
public import Figures
public import Records

/// The bounds on the time of predicted steps (imbalance, communication, compute, …), and the part of the time saved
/// without each bound. Savings do not add up.
public struct LimitFigures: FigureSection {
    /// The section of the report that holds these figures.
    public static let section = Figure.Section.limits
    /// The values of the figures of this section.
    public let figures: FigureValues

    /// Create the section from the values of its figures.
    public init(figures: FigureValues) { self.figures = figures }

    /// Compute the figures from the predicted seconds with and without each bound.
    public init(_ limits: StepLimits) {
        var figures = FigureValues()
        figures[whole: .limitingRank] = limits.busiest?.rank
        figures[whole: .limitingLayers] = limits.busiest?.layers
        figures[whole: .limitedLayers] = limits.layers
        figures[.limitingRatio] = limits.busiest?.ratio
        figures[.savedByBalance] = limits.saving(\.balancedSeconds)
        figures[.savedWithoutCommunication] = limits.saving(\.withoutCommunicationSeconds)
        figures[.savedWithoutCompute] = limits.saving(\.withoutComputeSeconds)
        figures[.savedWithoutLaunches] = limits.saving(\.withoutLaunchesSeconds)
        figures[.savedWithoutStraggler] = limits.withoutStragglerSeconds.map { max(0, 1 - $0 / limits.seconds) }
        figures[.savedWithoutLinks] = limits.saving(\.withoutLinksSeconds)
        figures[.savedWithoutNics] = limits.saving(\.withoutNicsSeconds)
        self.figures = figures
    }

    /// Return the part of the predicted time, 0 to 1, that would be saved without the bound of `figure`; 0 without that
    /// bound.
    public func saving(_ figure: Figure) -> Double { figures[figure] ?? 0 }

    /// Return one sentence per bound, the largest saving first; bounds whose saving is below a thousandth of the time
    /// are left out.
    public func sentences() -> [String] { bounds(withBalance: true).map(\.sentence) }

    /// Return the bounds, the largest saving first, each with the part of the time that it costs and a sentence.
    ///
    /// - Parameter withBalance: true to have the balance of ranks among them.
    func bounds(withBalance: Bool) -> [(saving: Double, sentence: String)] {
        let limits: [(saving: Double, sentence: String?)] = [
            (
                saving(.savedWithoutCompute),
                "experts and gates in no time would save \(percent(.savedWithoutCompute)) %"
            ),
            (saving(.savedWithoutCommunication), communication),
            (saving(.savedByBalance), withBalance ? balance : nil),
            (
                saving(.savedWithoutLaunches),
                "launches of kernels in no time would save \(percent(.savedWithoutLaunches)) %"
            ),
            (
                saving(.savedWithoutStraggler),
                "without its slow rank it would save \(percent(.savedWithoutStraggler)) %"
            ),
        ]
        return limits.filter { $0.saving >= 0.001 }.sorted { $0.saving > $1.saving }.compactMap { limit in
            limit.sentence.map { (limit.saving, $0) }
        }
    }

    private var balance: String? {
        guard let rank = figures[whole: .limitingRank], let layers = figures[whole: .limitingLayers],
            let ratio = figures[.limitingRatio]
        else { return nil }
        return
            "the slowest rank limits the experts: \(FixedPoint.text(ratio, decimals: 2)) × mean, most often rank \(rank) "
            + "(\(layers) of \(figures[whole: .limitedLayers] ?? 0) layers); perfect balance would save at most "
            + "\(percent(.savedByBalance)) %"
    }

    private var communication: String {
        let both = [("within nodes", Figure.savedWithoutLinks), ("between nodes", .savedWithoutNics)]
        let links = both.filter { saving($0.1) >= 0.001 }
            .map { "links \($0.0) alone \(percent($0.1)) %" }.joined(separator: ", ")
        return "communication in no time would save \(percent(.savedWithoutCommunication)) %"
            + (links.isEmpty ? "; it is bound by launches and copies" : " (\(links))")
    }

    private func percent(_ figure: Figure) -> String { FixedPoint.text(saving(figure) * 100, decimals: 1) }
}
