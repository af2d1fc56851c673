internal import Cluster
internal import Placement
import Records

/// A layer of a micro-batch that is under way.
struct PendingLayer {
    let work: LayerWork
    /// What is cut into chunks.
    let task: ChunkTask
    /// What the layer read, where somebody wants it.
    let input: LayerInput?
    var combiner: Combiner
    /// The layer's outputs, where somebody wants them.
    var kept: CombinedLayer?
    /// What the coordinator's own experts gave, once they are done.
    private(set) var ownOutcome: CoordinatorExperts.Outcome?

    private var ranks: [RankObservation]
    private var clock: LayerClock
    private var hasHandedOver = false

    init(
        work: LayerWork,
        task: ChunkTask,
        input: LayerInput?,
        combiner: Combiner,
        kept: CombinedLayer?,
        ranks: Int,
        now: Nanoseconds
    ) {
        self.work = work
        self.task = task
        self.input = input
        self.combiner = combiner
        self.kept = kept
        self.ranks = (0..<ranks).map { RankObservation(rank: $0) }
        clock = LayerClock(began: now)
    }

    /// Note what was seen of a chunk that was combined.
    mutating func add(_ chunk: ChunkInFlight, at now: Nanoseconds) {
        for (index, part) in chunk.chunk.ranks.enumerated() {
            let stamps = chunk.stamps[index]
            ranks[part.rank].add(part, chunk.works[index], stamps)
            clock.firstHandOver = hasHandedOver ? min(clock.firstHandOver, stamps.handedOver) : stamps.handedOver
            hasHandedOver = true
            clock.lastArrival = max(clock.lastArrival, stamps.collected)
        }
        clock.complete = max(clock.complete, clock.lastArrival)
        clock.ended = now
    }

    /// The coordinator's own experts are done.
    mutating func take(_ outcome: CoordinatorExperts.Outcome, at now: Nanoseconds) {
        ownOutcome = outcome
        clock.ownExperts = outcome.busy
        clock.complete = max(clock.complete, now)
    }

    /// Their outputs were added.
    mutating func finish(at now: Nanoseconds) { clock.ended = now }

    /// What was seen of it.
    var observation: ExchangeObservation {
        ExchangeObservation(
            batch: Int(work.id.batch),
            routed: work.routed,
            slots: task.slots,
            ranks: ranks,
            clock: clock
        )
    }

    /// Its inputs and outputs, or nil where nobody wanted them.
    ///
    /// - Parameter logitsAreModels: whether the gate's logits are those of the model.
    func kept(logitsAreModels: Bool) -> KeptLayer? {
        guard let input, let kept else { return nil }
        return KeptLayer(
            step: Int(work.id.step),
            layer: work.layer,
            input: input,
            routed: work.routed,
            common: work.visits,
            combined: kept,
            logitsAreModels: logitsAreModels
        )
    }
}

/// What was seen of one exchange, kept as it is until the step is over.
struct ExchangeObservation: Sendable {
    /// Number of the micro-batch.
    let batch: Int
    /// What the router was given, what it remembered before, and what it decided.
    let routed: RoutedBatch
    /// Which slot computed each copy.
    let slots: SlotPlan
    let ranks: [RankObservation]
    let clock: LayerClock
}

/// A layer of a micro-batch that is about to be sent.
struct LayerWork {
    let id: ExchangeID
    let routed: RoutedBatch
    /// How its tokens visit the common experts.
    let visits: [CommonVisits]
    /// What experts read, or nil when they read the residual stream.
    let input: LayerInput?
    /// Tokens of the whole step.
    let tokensOfStep: Int
    /// Whether somebody wants the layer's inputs and outputs.
    let keepsOutput: Bool

    var layer: Int { Int(id.layer) }
}

/// The coordinator's stamps of an exchange, on its monotonic clock.
struct LayerClock {
    /// Its first chunk was handed over; where it sent none, when the first could have been.
    var firstHandOver: Nanoseconds
    /// The last output of a rank arrived; where none was due, the same.
    var lastArrival: Nanoseconds
    /// The coordinator's own experts were done, too.
    var complete: Nanoseconds
    /// The last outputs were combined and added to the residual stream.
    var ended: Nanoseconds
    /// When the coordinator's own experts ran, or nil where it has none.
    var ownExperts: Range<Nanoseconds>?
}

extension LayerClock {
    /// Of an exchange that sends nothing, or has not yet.
    init(began: Nanoseconds) {
        firstHandOver = began
        lastArrival = began
        complete = began
        ended = began
    }
}
