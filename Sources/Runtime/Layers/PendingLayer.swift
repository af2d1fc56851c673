internal import Cluster
internal import Placement
import Records

/// The state of the layer that a micro-batch is in, from its routing to the end of its combine.
struct PendingLayer {
    let work: LayerWork
    /// The routing that is cut into chunks.
    let task: ChunkTask
    /// The rows that the layer read, or nil when layers are not kept.
    let input: LayerInput?
    var combiner: Combiner
    /// The layer's outputs before the residual connection, or nil when only their sum with the residual stream is
    /// needed.
    var kept: CombinedLayer?
    /// The outputs of the coordinator's own experts, once they are done.
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

    /// Add the observations of a chunk that was combined.
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

    /// Keep the outputs of the coordinator's own experts until the layer is finished.
    mutating func take(_ outcome: CoordinatorExperts.Outcome, at now: Nanoseconds) {
        ownOutcome = outcome
        clock.ownExperts = outcome.busy
        clock.complete = max(clock.complete, now)
    }

    /// Note that the outputs of the coordinator's own experts were added.
    mutating func finish(at now: Nanoseconds) { clock.ended = now }

    /// The observations of the layer's exchange.
    var observation: ExchangeObservation {
        ExchangeObservation(
            batch: Int(work.id.batch),
            routed: work.routed,
            slots: task.slots,
            ranks: ranks,
            clock: clock
        )
    }

    /// The layer's inputs and outputs, or nil when layers are not kept.
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

/// The routing and the time stamps of one exchange, kept in raw form until the step is over.
struct ExchangeObservation: Sendable {
    /// The number of the micro-batch.
    let batch: Int
    /// The router's input, its state before, and its decision.
    let routed: RoutedBatch
    /// The slot that computed each copy.
    let slots: SlotPlan
    let ranks: [RankObservation]
    let clock: LayerClock
}

/// A routed layer of a micro-batch whose chunks are still to be built.
struct LayerWork {
    let id: ExchangeID
    let routed: RoutedBatch
    /// The visits of the layer's tokens to the common experts.
    let visits: [CommonVisits]
    /// The rows that experts read, or nil when they read the residual stream.
    let input: LayerInput?
    /// The owners of the tokens of the whole step, all micro-batches together.
    let sources: SourceRanks
    /// Whether the layer's inputs and outputs are kept, to be checked or saved.
    let keepsOutput: Bool

    var layer: Int { Int(id.layer) }
}

/// The coordinator's stamps of an exchange, on its monotonic clock.
struct LayerClock {
    /// The time at which the first payload was handed over to the socket; without chunks, that at which routing was
    /// done.
    var firstHandOver: Nanoseconds
    /// The time at which the last output of a rank arrived; the same as ``firstHandOver`` without chunks.
    var lastArrival: Nanoseconds
    /// The time at which the last output had arrived and the coordinator's own experts were done.
    var complete: Nanoseconds
    /// The time at which the last outputs were combined and added to the residual stream.
    var ended: Nanoseconds
    /// The interval in which the coordinator's own experts ran, or nil where it has none.
    var ownExperts: Range<Nanoseconds>?
}

extension LayerClock {
    /// The stamps of an exchange that has sent nothing yet: all of them are `began`.
    init(began: Nanoseconds) {
        firstHandOver = began
        lastArrival = began
        complete = began
        ended = began
    }
}
