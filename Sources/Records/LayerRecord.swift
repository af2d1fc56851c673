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
    /// The differentiable estimate of the load per expert of Shazeer 2017, `[experts]`, where the router has one.
    public var smoothLoad: [Double]?
    /// Rows that the experts would compute when their queues are padded as the system of the router pads them, or nil
    /// where it does not pad.
    public var paddedRows: Int?
    /// Losses of the router.
    public var losses: [BalanceLoss]
    /// What each rank did, in rank order.
    public var ranks: [RankRecord]
    /// Bytes of token rows per (source rank, rank).
    public var traffic: TrafficMatrix
    /// Coordinator: norm, logits, routing and the first chunk, while no rank had anything to do.
    public var gateSeconds: Double
    /// Coordinator: its own shared and dense experts, from the last output of a rank until theirs are there; 0 where
    /// the ranks compute them.
    public var sharedSeconds: Double
    /// Coordinator: its own shared and dense experts at work, overlapped or not.
    public var sharedComputeSeconds: Double
    /// Coordinator: weighted sums and residual, after the last output had arrived.
    public var mergeSeconds: Double
    /// From the start of the gate to the end of the merge, by its own pair of stamps.
    public var seconds: Double
    /// The part during which data was on its way while nothing computed, on any rank or the coordinator.
    public var exposedCommunicationSeconds: Double
    /// The same if no micro-batch had computed while another's data was on its way.
    public var exposedWithoutOverlapSeconds: Double
    /// What the coordinator's thread worked, overlapped or not.
    public var coordinator: CoordinatorSeconds

    /// A record of one layer: its loads, and what is known of ranks, traffic and times.
    public init(
        layer: Int,
        expertCopies: [Int],
        expertDropped: [Int],
        importance: [Double],
        tokensWithoutExpert: Int,
        smoothLoad: [Double]? = nil,
        paddedRows: Int? = nil,
        losses: [BalanceLoss],
        ranks: [RankRecord] = [],
        traffic: TrafficMatrix = .uncounted,
        gateSeconds: Double = 0,
        sharedSeconds: Double = 0,
        sharedComputeSeconds: Double = 0,
        mergeSeconds: Double = 0,
        seconds: Double = 0,
        exposedCommunicationSeconds: Double = 0,
        exposedWithoutOverlapSeconds: Double = 0,
        coordinator: CoordinatorSeconds = CoordinatorSeconds()
    ) {
        self.layer = layer
        self.expertCopies = expertCopies
        self.expertDropped = expertDropped
        self.importance = importance
        self.tokensWithoutExpert = tokensWithoutExpert
        self.smoothLoad = smoothLoad
        self.paddedRows = paddedRows
        self.losses = losses
        self.ranks = ranks
        self.traffic = traffic
        self.gateSeconds = gateSeconds
        self.sharedSeconds = sharedSeconds
        self.sharedComputeSeconds = sharedComputeSeconds
        self.mergeSeconds = mergeSeconds
        self.seconds = seconds
        self.exposedCommunicationSeconds = exposedCommunicationSeconds
        self.exposedWithoutOverlapSeconds = exposedWithoutOverlapSeconds
        self.coordinator = coordinator
    }
}

extension LayerRecord {
    /// The record of routing alone: loads and losses, without ranks, traffic and times.
    public init(layer: Int, routing: Routing) {
        let loads = ExpertLoads(routing.plan)
        self.init(
            layer: layer,
            expertCopies: loads.kept,
            expertDropped: loads.dropped,
            importance: routing.importance,
            tokensWithoutExpert: loads.tokensWithoutExpert,
            smoothLoad: routing.smoothLoad,
            paddedRows: routing.paddedRows,
            losses: routing.losses
        )
    }
}
