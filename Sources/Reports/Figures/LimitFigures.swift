import Basics
public import CostModel

/// What bounds the steps of a prediction, and what taking each bound away would save. Savings do not add up.
public struct LimitFigures: Codable, Equatable, Sendable {
    /// The rank whose experts take most time in most layers.
    @OrNull public internal(set) var busiestRank: Int?
    /// In how many of the layers of all steps it does.
    @OrNull public internal(set) var busiestLayers: Int?
    /// The layers of all steps.
    public let layers: Int
    /// Time of the slowest rank's experts / mean over ranks, mean over layers.
    @OrNull public internal(set) var busiestRatio: Double?
    /// Part of the time that perfect balance of experts and ranks would save.
    public let balanceSaving: Double
    /// Part that communication in no time would save.
    public let communicationSaving: Double
    /// Part that experts and gates in no time would save.
    public let computeSaving: Double
    /// Part that launches of kernels in no time would save.
    public let launchSaving: Double
    /// Part that a cluster without its slow rank would save, where it has one.
    @OrNull public internal(set) var stragglerSaving: Double?
    /// Part that links within nodes in no time would save.
    public let linkSaving: Double
    /// Part that links between nodes in no time would save.
    public let nicSaving: Double

    /// The figures of predicted steps.
    public init(_ limits: StepLimits) {
        busiestRank = limits.busiest?.rank
        busiestLayers = limits.busiest?.layers
        layers = limits.layers
        busiestRatio = limits.busiest?.ratio
        balanceSaving = limits.saving(\.balancedSeconds)
        communicationSaving = limits.saving(\.withoutCommunicationSeconds)
        computeSaving = limits.saving(\.withoutComputeSeconds)
        launchSaving = limits.saving(\.withoutLaunchesSeconds)
        stragglerSaving = limits.withoutStragglerSeconds.map { max(0, 1 - $0 / limits.seconds) }
        linkSaving = limits.saving(\.withoutLinksSeconds)
        nicSaving = limits.saving(\.withoutNicsSeconds)
    }

    /// The verdict in one sentence per limit, the one that costs most first; none for what costs less than a thousandth.
    ///
    /// - Parameter withBalance: whether the balance of ranks is among them.
    public func sentences(withBalance: Bool = true) -> [String] {
        let limits: [(Double, String?)] = [
            (computeSaving, compute), (communicationSaving, communication),
            (balanceSaving, withBalance ? balance : nil),
            (launchSaving, "launches of kernels in no time would save \(Self.percent(launchSaving)) %"),
            (stragglerSaving ?? 0, "without its slow rank it would save \(Self.percent(stragglerSaving ?? 0)) %"),
        ]
        return limits.filter { $0.0 >= 0.001 }.sorted { $0.0 > $1.0 }.compactMap(\.1)
    }

    private var balance: String? {
        guard let busiestRank, let busiestLayers, let busiestRatio else { return nil }
        let ratio = FixedPoint.text(busiestRatio, decimals: 2)
        return
            "the slowest rank limits the experts: \(ratio) × mean, most often rank \(busiestRank) (\(busiestLayers) of "
            + "\(layers) layers); perfect balance would save at most \(Self.percent(balanceSaving)) %"
    }

    private var compute: String {
        "experts and gates in no time would save \(Self.percent(computeSaving)) %"
    }

    private var communication: String {
        let both = [("within nodes", linkSaving), ("between nodes", nicSaving)].filter { $0.1 >= 0.001 }
        let links = both.map { "links \($0.0) alone \(Self.percent($0.1)) %" }.joined(separator: ", ")
        return "communication in no time would save \(Self.percent(communicationSaving)) %"
            + (links.isEmpty ? "; it is bound by launches and copies" : " (\(links))")
    }

    private static func percent(_ share: Double) -> String { FixedPoint.text(share * 100, decimals: 1) }
}
