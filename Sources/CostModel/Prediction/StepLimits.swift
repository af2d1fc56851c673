/// The bounds on predicted steps, and the time saved without each.
///
/// Each alternative is the same model over the same layers with one thing changed, so they do not add up.
public struct StepLimits: Codable, Equatable, Sendable {
    /// Seconds of all layers.
    public private(set) var seconds = 0.0
    /// The same with every expert and every rank at its mean load.
    public private(set) var balancedSeconds = 0.0
    /// The same if communication took no time.
    public private(set) var withoutCommunicationSeconds = 0.0
    /// The same if experts and gate took no time.
    public private(set) var withoutComputeSeconds = 0.0
    /// The same with links within nodes that take no time.
    public private(set) var withoutLinksSeconds = 0.0
    /// The same with links between nodes that take no time.
    public private(set) var withoutNicsSeconds = 0.0
    /// The same if kernels were launched in no time.
    public private(set) var withoutLaunchesSeconds = 0.0
    /// The same without a slow rank; nil when there is none.
    public private(set) var withoutStragglerSeconds: Double?
    /// Layers that were added.
    public private(set) var layers = 0
    /// In how many layers the experts of each rank took most, `[ranks]`.
    public private(set) var slowestLayers: [Int] = []
    /// Sum over layers of the time of the slowest rank's experts / the mean over ranks.
    private var ratios = 0.0

    /// Nothing yet.
    public init() {}

    /// Adds a layer.
    ///
    /// - Parameter free: the same model on hardware that launches in no time.
    public mutating func add(_ rows: RoutedRows, of model: LayerModel, withoutLaunches free: LayerModel) {
        let schedule = model.schedule(rows)
        seconds += schedule.seconds
        balancedSeconds += model.schedule(rows.balanced).seconds
        withoutCommunicationSeconds += schedule.times.work
        withoutComputeSeconds += schedule.times.communication
        withoutLinksSeconds += model.without(.link).schedule(rows).seconds
        withoutNicsSeconds += model.without(.nic).schedule(rows).seconds
        withoutLaunchesSeconds += free.schedule(rows).seconds
        if model.straggler != nil {
            withoutStragglerSeconds = (withoutStragglerSeconds ?? 0) + model.withoutStraggler.schedule(rows).seconds
        }
        addCompute(schedule.times.compute)
    }

    private mutating func addCompute(_ seconds: [Double]) {
        layers += 1
        if slowestLayers.isEmpty { slowestLayers = seconds.map { _ in 0 } }
        guard let slowest = seconds.indices.max(by: { seconds[$0] < seconds[$1] }), seconds[slowest] > 0 else { return }
        slowestLayers[slowest] += 1
        ratios += seconds[slowest] * Double(seconds.count) / seconds.reduce(0, +)
    }

    /// The rank whose experts take most in most layers, in how many it does, and the time of the slowest rank relative to
    /// the mean, averaged over layers; nil without layers. Times are not summed over layers first, which would hide
    /// imbalance.
    public var busiest: (rank: Int, layers: Int, ratio: Double)? {
        guard layers > 0, let rank = slowestLayers.indices.max(by: { slowestLayers[$0] < slowestLayers[$1] }) else {
            return nil
        }
        return (rank, slowestLayers[rank], ratios / Double(layers))
    }

    /// The part of the time that an alternative would save, 0 to 1.
    public func saving(_ alternative: KeyPath<StepLimits, Double>) -> Double {
        seconds > 0 ? max(0, 1 - self[keyPath: alternative] / seconds) : 0
    }
}

extension RoutedRows {
    /// The same rows in total, spread evenly over slots and ranks.
    var balanced: RoutedRows {
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }
        var even = self
        let ofSlot = mean(slotRows.flatMap(\.self))
        even.slotRows = slotRows.map { [Double](repeating: ofSlot, count: $0.count) }
        var rank = RankRows()
        for path in RankRows.flows {
            let flows = ranks.map { $0[keyPath: path] }
            rank[keyPath: path] = Flow(sent: mean(flows.map(\.sent)), received: mean(flows.map(\.received)))
        }
        even.ranks = [RankRows](repeating: rank, count: ranks.count)
        return even
    }
}
