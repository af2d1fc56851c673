/// A phase of a rank or of the coordinator within one (step, layer).
///
/// For every rank, gate + dispatch + queue + compute + combine + wait + shared + merge is the time of the layer.
public enum Phase: String, Codable, CaseIterable, Sendable {
    /// Coordinator: norm, router logits, routing and permutation, before anything is sent.
    case gate
    /// Tokens on their way: from the sender's hand-over to the last byte received by the rank.
    case dispatch
    /// Work that is ready and waits behind other work, on the coordinator or on the rank.
    case queue
    /// Experts at work.
    case compute
    /// Outputs on their way back: from the rank's hand-over to the last byte received.
    case combine
    /// A rank without work, while a busier rank is not done.
    case wait
    /// Coordinator: the rest of its own common experts (shared and dense), after the last output of a rank has arrived.
    case shared
    /// Coordinator: weighted sum of the copies and the residual, after the last output has arrived.
    case merge

    /// The phases of the coordinator, which count for every rank.
    public static let ofCoordinator: [Phase] = [.gate, .shared, .merge]

    /// The phases that a rank has of its own.
    public static let ofRank: [Phase] = [.dispatch, .queue, .compute, .combine, .wait]
}

/// Seconds that a rank spent in each of its phases; see ``Phase``.
public struct PhaseSeconds: Codable, Equatable, Sendable {
    /// Seconds with tokens on their way to the rank and nothing computing.
    public var dispatch: Double
    /// Seconds with work ready, nothing moving and nothing computing.
    public var queue: Double
    /// Seconds with experts at work.
    public var compute: Double
    /// Seconds with outputs on their way back and nothing computing.
    public var combine: Double
    /// Seconds with nothing left for the rank to do in the layer.
    public var wait: Double

    /// Seconds per phase.
    public init(
        dispatch: Double = 0,
        queue: Double = 0,
        compute: Double = 0,
        combine: Double = 0,
        wait: Double = 0
    ) {
        self.dispatch = dispatch
        self.queue = queue
        self.compute = compute
        self.combine = combine
        self.wait = wait
    }

    /// Add seconds phase by phase.
    public mutating func add(_ other: PhaseSeconds) {
        dispatch += other.dispatch
        queue += other.queue
        compute += other.compute
        combine += other.combine
        wait += other.wait
    }

    /// The sum over the phases.
    public var total: Double { dispatch + queue + compute + combine + wait }

    /// Seconds in one of the rank's own phases; 0 for the coordinator's.
    public subscript(phase: Phase) -> Double {
        switch phase {
        case .dispatch: dispatch
        case .queue: queue
        case .compute: compute
        case .combine: combine
        case .wait: wait
        case .gate, .shared, .merge: 0
        }
    }
}
