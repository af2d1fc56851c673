public import MoE

/// One MoE layer in one step: its loads, and its times by either clock.
public struct LayerRecord: Codable, Equatable, Sendable {
    /// Index of the MoE layer.
    public var layer: Int
    /// Kept copies per logical expert, `[experts]`.
    public var expertCopies: [Int]
    /// Dropped copies per logical expert, `[experts]`.
    public var expertDropped: [Int]
    /// Sum of gate weights per logical expert, `[experts]`.
    public var importance: [Double]
    /// Tokens that lost all their copies.
    public var tokensWithoutExpert: Int
    /// Losses of the router.
    public var losses: [BalanceLoss]
    /// What each rank did, in rank order.
    public var ranks: [RankRecord]
    /// Bytes of token rows per (source rank, rank).
    public var traffic: TrafficMatrix
    /// Coordinator: norm, logits, routing, permutation.
    public var gateSeconds: Double
    /// Coordinator: weighted sum and residual.
    public var mergeSeconds: Double
    /// From the start of the gate to the end of the merge, by its own pair of stamps.
    public var seconds: Double
    /// The part during which data was on its way while nothing computed, on any rank or the coordinator.
    public var exposedCommunicationSeconds: Double

    /// A record of one layer.
    public init(
        layer: Int,
        expertCopies: [Int],
        expertDropped: [Int],
        importance: [Double],
        tokensWithoutExpert: Int,
        losses: [BalanceLoss],
        ranks: [RankRecord],
        traffic: TrafficMatrix,
        gateSeconds: Double,
        mergeSeconds: Double,
        seconds: Double,
        exposedCommunicationSeconds: Double
    ) {
        self.layer = layer
        self.expertCopies = expertCopies
        self.expertDropped = expertDropped
        self.importance = importance
        self.tokensWithoutExpert = tokensWithoutExpert
        self.losses = losses
        self.ranks = ranks
        self.traffic = traffic
        self.gateSeconds = gateSeconds
        self.mergeSeconds = mergeSeconds
        self.seconds = seconds
        self.exposedCommunicationSeconds = exposedCommunicationSeconds
    }
}
