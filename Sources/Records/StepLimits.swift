/// The predicted time of all steps as it is, and with one bound at a time taken away, in seconds.
///
/// Each alternative is the same model over the same layers with one thing changed, so they do not add up.
public struct StepLimits: Codable, Equatable, Sendable {
    /// Predicted seconds of all layers, with nothing changed.
    public private(set) var seconds = 0.0
    /// Predicted seconds with every expert and every rank at its mean load.
    public private(set) var balancedSeconds = 0.0
    /// Predicted seconds if communication took no time.
    public private(set) var withoutCommunicationSeconds = 0.0
    /// Predicted seconds if experts and gate took no time.
    public private(set) var withoutComputeSeconds = 0.0
    /// Predicted seconds with links within nodes that take no time.
    public private(set) var withoutLinksSeconds = 0.0
    /// Predicted seconds with links between nodes that take no time.
    public private(set) var withoutNicsSeconds = 0.0
    /// Predicted seconds if kernels were launched in no time.
    public private(set) var withoutLaunchesSeconds = 0.0
    /// Predicted seconds if the slow rank (straggler) were as fast as the others; nil when no rank is slow.
    public private(set) var withoutStragglerSeconds: Double?
    /// The number of (step, layer) pairs that were added.
    public private(set) var layers = 0
    /// For each rank, the number of layers in which its experts took longest of all ranks, `[ranks]`.
    public private(set) var slowestLayers: [Int] = []
    /// Sum over layers of the ratio: time of the slowest rank's experts / mean over ranks.
    private var ratios = 0.0

    /// Create limits to which no layer has been added.
    public init() {}

    /// The predicted times of one layer, in seconds: as it is, and with one bound at a time taken away.
    public struct Layer: Sendable {
        /// Seconds with nothing changed.
        public var seconds: Double
        /// Seconds with every expert and every rank at its mean load.
        public var balanced: Double
        /// Seconds if communication took no time.
        public var withoutCommunication: Double
        /// Seconds if experts and gate took no time.
        public var withoutCompute: Double
        /// Seconds with links within nodes that take no time.
        public var withoutLinks: Double
        /// Seconds with links between nodes that take no time.
        public var withoutNics: Double
        /// Seconds if kernels were launched in no time.
        public var withoutLaunches: Double
        /// Seconds if the slow rank (straggler) were as fast as the others; nil when no rank is slow.
        public var withoutStraggler: Double?
        /// Seconds that the experts of each rank take, `[ranks]`.
        public var experts: [Double]

        /// The times of a layer.
        public init(
            seconds: Double,
            balanced: Double,
            withoutCommunication: Double,
            withoutCompute: Double,
            withoutLinks: Double,
            withoutNics: Double,
            withoutLaunches: Double,
            withoutStraggler: Double?,
            experts: [Double]
        ) {
            self.seconds = seconds
            self.balanced = balanced
            self.withoutCommunication = withoutCommunication
            self.withoutCompute = withoutCompute
            self.withoutLinks = withoutLinks
            self.withoutNics = withoutNics
            self.withoutLaunches = withoutLaunches
            self.withoutStraggler = withoutStraggler
            self.experts = experts
        }
    }

    /// Add the predicted times of a layer.
    public mutating func add(_ layer: Layer) {
        seconds += layer.seconds
        balancedSeconds += layer.balanced
        withoutCommunicationSeconds += layer.withoutCommunication
        withoutComputeSeconds += layer.withoutCompute
        withoutLinksSeconds += layer.withoutLinks
        withoutNicsSeconds += layer.withoutNics
        withoutLaunchesSeconds += layer.withoutLaunches
        if let without = layer.withoutStraggler {
            withoutStragglerSeconds = (withoutStragglerSeconds ?? 0) + without
        }
        addCompute(layer.experts)
    }

    private mutating func addCompute(_ seconds: [Double]) {
        layers += 1
        if slowestLayers.isEmpty { slowestLayers = seconds.map { _ in 0 } }
        guard let slowest = seconds.indices.max(by: { seconds[$0] < seconds[$1] }), seconds[slowest] > 0 else { return }
        slowestLayers[slowest] += 1
        ratios += seconds[slowest] * Double(seconds.count) / seconds.reduce(0, +)
    }

    /// The rank whose experts are the slowest in most layers, the number of these layers, and the mean over layers of
    /// the ratio: time of the slowest rank's experts / mean over ranks; nil without layers.
    ///
    /// Times are not summed over layers first, which would hide imbalance.
    public var busiest: (rank: Int, layers: Int, ratio: Double)? {
        guard layers > 0, let rank = slowestLayers.indices.max(by: { slowestLayers[$0] < slowestLayers[$1] }) else {
            return nil
        }
        return (rank, slowestLayers[rank], ratios / Double(layers))
    }

    /// Return the part of the predicted time, 0 to 1, that would be saved if it fell to the seconds at `alternative`.
    public func saving(_ alternative: KeyPath<StepLimits, Double>) -> Double {
        seconds > 0 ? max(0, 1 - self[keyPath: alternative] / seconds) : 0
    }
}
