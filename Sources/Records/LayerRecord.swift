public import MoE

/// The record of one MoE layer in one step: loads, and times by the measured or the modelled clock.
public struct LayerRecord: Codable, Equatable, Sendable {
    /// Index of the MoE layer.
    public var layer: Int
    /// Kept copies per logical expert, identity experts last, `[experts]`.
    public var expertCopies: [Int]
    /// Dropped copies per logical expert, `[experts]`.
    public var expertDropped: [Int]
    /// Sum of the gate weights given to each logical expert, `[experts]`.
    public var importance: [Double]
    /// The number of identity experts, the last of the experts, whose copies no rank computes.
    public var identityExperts: Int
    /// The number of tokens without a kept copy.
    public var tokensWithoutExpert: Int
    /// The router's differentiable estimate of the load of each expert (Shazeer 2017), `[experts]`; nil where it has
    /// none.
    public var smoothLoad: [Double]?
    /// Rows that the experts would compute with queues padded as in the system that the router comes from; nil where
    /// that system does not pad, and with identity experts, which have no rows.
    public var paddedRows: Int?
    /// The balance losses that the router reports.
    public var losses: [BalanceLoss]
    /// The records of the ranks, in rank order.
    public var ranks: [RankRecord]
    /// The token rows per (source rank, rank), and their bytes.
    public var traffic: TrafficMatrix
    /// Seconds of the coordinator for norm, logits, routing and the first chunk, while no rank had work.
    public var gateSeconds: Double
    /// Seconds from the last output of a rank until the coordinator's own common experts (shared and dense) are done; 0
    /// where the ranks compute them.
    public var sharedSeconds: Double
    /// Seconds in which the coordinator's own common experts (shared and dense) were at work, overlapped or not.
    public var sharedComputeSeconds: Double
    /// Seconds of the coordinator for weighted sums and residual, after the last output had arrived.
    public var mergeSeconds: Double
    /// Seconds from the start of the gate to the end of the merge, measured by two stamps of their own.
    public var seconds: Double
    /// Seconds in which data was on its way while neither a rank nor the coordinator computed.
    public var exposedCommunicationSeconds: Double
    /// Seconds of exposed communication if no micro-batch had computed while another's data was on its way.
    public var exposedWithoutOverlapSeconds: Double
    /// Processor seconds of the coordinator's own thread, by kind of work, overlapped or not.
    public var coordinator: CoordinatorSeconds

    /// A record of one layer: loads, and ranks, traffic and times where they are known.
    public init(
        layer: Int,
        expertCopies: [Int],
        expertDropped: [Int],
        importance: [Double],
        identityExperts: Int = 0,
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
        self.identityExperts = identityExperts
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
    /// Kept copies of each expert that a rank holds, `[placed experts]`.
    public var placedCopies: ArraySlice<Int> { expertCopies.dropLast(identityExperts) }

    /// Kept copies for identity experts.
    public var identityCopies: Int { expertCopies.suffix(identityExperts).reduce(0, +) }

    /// The record of routing alone: loads and losses, without ranks, traffic and times.
    ///
    /// - Parameter identityExperts: how many of the last experts of the plan return their input.
    public init(layer: Int, routing: Routing, identityExperts: Int = 0) {
        let loads = ExpertLoads(routing.plan)
        self.init(
            layer: layer,
            expertCopies: loads.kept,
            expertDropped: loads.dropped,
            importance: routing.importance,
            identityExperts: identityExperts,
            tokensWithoutExpert: loads.tokensWithoutExpert,
            smoothLoad: routing.smoothLoad,
            paddedRows: identityExperts > 0 ? nil : routing.paddedRows,
            losses: routing.losses
        )
    }
}

/// Processor seconds of the coordinator's own thread in one layer, by kind of work.
///
/// Processor time, because a thread that shares its core with a worker is often ready and not running.
public struct CoordinatorSeconds: Codable, Equatable, Sendable {
    /// Processor seconds for norm, logits and routing.
    public var gate: Double
    /// Processor seconds for permuting tokens by rank and expert, and encoding them.
    public var permute: Double
    /// Processor seconds for weighted sums of the outputs, and for the residual.
    public var combine: Double
    /// Processor seconds for messages: handing them over, reading them, keeping the cluster's state.
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

    /// The sum over all kinds of work.
    public var total: Double { gate + permute + combine + messages }
}

/// A kind of work that the coordinator does.
///
/// The first four take turns on the coordinator's own thread; see ``CoordinatorSeconds`` for the processor time of
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
    /// The coordinator's own common experts (shared and dense), on threads of their own.
    case experts
}

/// The work and times of one rank in one (step, layer), by the measured or the modelled clock.
public struct RankRecord: Codable, Equatable, Sendable {
    /// Index of the rank, from 0.
    public var rank: Int
    /// Routed copies that the rank's experts computed.
    public var copies: Int
    /// Tokens that the rank's common experts (shared and dense) computed; 0 when it has none.
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

    /// A record of a rank without work.
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

    /// Add the work and times of the same rank in another (step, layer).
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
