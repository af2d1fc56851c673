/// The predicted time of all steps as it is, and with one bound at a time taken away, in seconds.
///
/// Each alternative is the same model over the same layers with one thing changed, so they do not add up.
public struct StepLimits: Equatable, Sendable {
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

    /// Create the limits of one layer, in seconds.
    ///
    /// - Parameter experts: seconds that the experts of each rank take, `[ranks]`.
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
        balancedSeconds = balanced
        withoutCommunicationSeconds = withoutCommunication
        withoutComputeSeconds = withoutCompute
        withoutLinksSeconds = withoutLinks
        withoutNicsSeconds = withoutNics
        withoutLaunchesSeconds = withoutLaunches
        withoutStragglerSeconds = withoutStraggler
        layers = 1
        slowestLayers = experts.map { _ in 0 }
        guard let slowest = experts.indices.max(by: { experts[$0] < experts[$1] }), experts[slowest] > 0 else { return }
        slowestLayers[slowest] = 1
        ratios = experts[slowest] * Double(experts.count) / experts.reduce(0, +)
    }

    /// Add the limits of further layers on the same ranks.
    public static func += (sum: inout StepLimits, more: StepLimits) {
        sum.seconds += more.seconds
        sum.balancedSeconds += more.balancedSeconds
        sum.withoutCommunicationSeconds += more.withoutCommunicationSeconds
        sum.withoutComputeSeconds += more.withoutComputeSeconds
        sum.withoutLinksSeconds += more.withoutLinksSeconds
        sum.withoutNicsSeconds += more.withoutNicsSeconds
        sum.withoutLaunchesSeconds += more.withoutLaunchesSeconds
        if let seconds = more.withoutStragglerSeconds {
            sum.withoutStragglerSeconds = (sum.withoutStragglerSeconds ?? 0) + seconds
        }
        sum.layers += more.layers
        if sum.slowestLayers.isEmpty { sum.slowestLayers = more.slowestLayers.map { _ in 0 } }
        for (rank, count) in more.slowestLayers.enumerated() { sum.slowestLayers[rank] += count }
        sum.ratios += more.ratios
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
