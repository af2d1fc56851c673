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

/// Processor time of the coordinator's own thread in one layer, by what it did.
///
/// Processor time, because a thread that shares its core with a worker is often ready and not running.
public struct CoordinatorSeconds: Codable, Equatable, Sendable {
    /// Norm, logits and routing.
    public var gate: Double
    /// Permuting tokens by rank and expert, and encoding them.
    public var permute: Double
    /// Weighted sums of the outputs, and the residual.
    public var combine: Double
    /// Messages: handing them over, reading them, keeping the cluster's state.
    public var messages: Double

    /// Seconds by kind of work.
    public init(gate: Double = 0, permute: Double = 0, combine: Double = 0, messages: Double = 0) {
        self.gate = gate
        self.permute = permute
        self.combine = combine
        self.messages = messages
    }

    /// Add time of one kind of work; experts run on threads of their own and do not count.
    public mutating func add(_ seconds: Double, to work: CoordinatorWork) {
        switch work {
        case .gate: gate += seconds
        case .permute: permute += seconds
        case .combine: combine += seconds
        case .messages: messages += seconds
        case .experts: break
        }
    }

    /// All of it.
    public var total: Double { gate + permute + combine + messages }
}

/// What a coordinator does. The first four take turns on its own thread; see ``CoordinatorSeconds`` for the processor time of
/// each.
public enum CoordinatorWork: String, CaseIterable, Sendable {
    /// Norm, logits and routing.
    case gate
    /// Permuting tokens by rank and expert, and encoding them.
    case permute
    /// Weighted sums of the outputs, and the residual.
    case combine
    /// Handing messages over, reading them, or waiting for them: no work on tokens.
    case messages
    /// Shared and dense experts of its own, on threads of their own.
    case experts
}

/// The work and times of one rank in one (step, layer), by either clock.
public struct RankRecord: Codable, Equatable, Sendable {
    /// The rank.
    public var rank: Int
    /// Routed copies that its experts computed.
    public var copies: Int
    /// Tokens that its common experts (shared and dense) computed; 0 when it has none.
    public var sharedTokens: Int
    /// Bytes sent to the rank: envelopes and payloads.
    public var dispatchBytes: Int
    /// Bytes received from the rank: envelopes and payloads.
    public var combineBytes: Int
    /// Seconds in each phase; each instant counts once, so these and the coordinator's phases sum to the layer.
    public var seconds: PhaseSeconds
    /// Seconds during which tokens travelled to the rank, overlapped or not.
    public var dispatchInFlightSeconds: Double
    /// Seconds during which outputs travelled back, overlapped or not.
    public var combineInFlightSeconds: Double

    /// A record of one rank.
    public init(
        rank: Int,
        copies: Int,
        sharedTokens: Int,
        dispatchBytes: Int,
        combineBytes: Int,
        seconds: PhaseSeconds,
        dispatchInFlightSeconds: Double,
        combineInFlightSeconds: Double
    ) {
        self.rank = rank
        self.copies = copies
        self.sharedTokens = sharedTokens
        self.dispatchBytes = dispatchBytes
        self.combineBytes = combineBytes
        self.seconds = seconds
        self.dispatchInFlightSeconds = dispatchInFlightSeconds
        self.combineInFlightSeconds = combineInFlightSeconds
    }

    /// A rank that has done nothing.
    public init(rank: Int) {
        self.init(
            rank: rank,
            copies: 0,
            sharedTokens: 0,
            dispatchBytes: 0,
            combineBytes: 0,
            seconds: PhaseSeconds(),
            dispatchInFlightSeconds: 0,
            combineInFlightSeconds: 0
        )
    }

    /// Add what the rank did in another (step, layer).
    public mutating func add(_ other: RankRecord) {
        copies += other.copies
        sharedTokens += other.sharedTokens
        dispatchBytes += other.dispatchBytes
        combineBytes += other.combineBytes
        seconds.add(other.seconds)
        dispatchInFlightSeconds += other.dispatchInFlightSeconds
        combineInFlightSeconds += other.combineInFlightSeconds
    }
}
