internal import Cluster
internal import Experts
internal import MoE
import Placement
internal import Records
internal import Tensors
internal import Workloads

/// A stack of MoE layers, run over the cluster: x + combine(experts(dispatch(route(norm(x))))) layer after layer.
///
/// With two micro-batches, one is routed, sent or combined while the workers compute the other.
final class LayerStack {
    private let layers: Int
    private let microBatches: Int
    private let norms: LayerNorms
    private let gate: LayerGate
    private let sharedGate: SharedGate
    private let exchange: LayerExchange
    private let shell: CoordinatorShell
    private let work: WorkClock
    private let timeline: StepTimeline
    private let ranks: Int
    private let tokensBySource: [Int]?

    init(setup: SessionSetup, shell: CoordinatorShell, ownExperts: CoordinatorExperts?) throws(RuntimeError) {
        layers = setup.model.layers
        microBatches = setup.microBatches
        self.shell = shell
        work = WorkClock(layers: setup.model.layers)
        timeline = StepTimeline(setup)
        ranks = setup.placement.ranks
        tokensBySource = setup.tokensBySource
        do {
            let source = setup.experts
            let compute = try ComputeEngine(threads: setup.threads)
            norms = try LayerNorms(source, normalizes: setup.normalizesInput)
            gate = try LayerGate(router: setup.router, source: source, seed: setup.seed, compute: compute)
            sharedGate = try SharedGate(source, compute: compute)
            exchange = try LayerExchange(setup: setup, shell: shell, ownExperts: ownExperts, work: work)
        } catch {
            throw .local("\(error)")
        }
    }

    /// Run one step.
    ///
    /// - Parameters:
    ///   - index: the number of the step, warm-up included.
    ///   - workload: the tokens; consumed, so that the residual stream takes their memory and needs no copy.
    ///   - keepsLayers: whether inputs and outputs of the layers are kept.
    func run(index: Int, workload: consuming WorkloadBatch, keepsLayers: Bool) throws(RuntimeError) -> StepResult {
        let tokens = workload.hidden.rows
        let input = keepsLayers ? workload.hidden : nil
        let step = Step(
            index: index,
            tokens: tokens,
            sequenceLengths: workload.sequenceLengths,
            sources: SourceRanks(
                tokens: tokens,
                ranks: ranks,
                listed: workload.sourceRanks,
                counts: tokensBySource
            ),
            keepsLayers: keepsLayers
        )
        work.begin()
        let started = MonotonicClock.now()
        let batches = MicroBatch.cut(workload, into: microBatches)
        try run(batches, in: step)
        let output = Matrix.joined(batches.map(\.stream))
        let ended = MonotonicClock.now()
        work.enter(.messages, layer: layers - 1, batch: 0)
        return try result(of: step, batches, started..<ended, input: input, output: output)
    }

    /// Route a layer by another placement from the next step on.
    func place(_ placement: LayerPlacement, layer: Int) { exchange.place(placement, layer: layer) }

    private struct Step {
        let index: Int
        let tokens: Int
        let sequenceLengths: [Int]?
        let sources: SourceRanks
        let keepsLayers: Bool
    }

    /// Carry out the actions of the `StepMachine` until the step is over.
    private func run(_ batches: [MicroBatch], in step: Step) throws(RuntimeError) {
        shell.machine.begin(
            (0..<layers).flatMap { layer in
                batches.map { ExchangeID(step: step.index, layer: layer, batch: $0.index) }
            }
        )
        while true {
            switch shell.machine.next {
            case .route(let id): try route(id, of: batches[Int(id.batch)], in: step)
            case .build(let id, let tokens): try exchange.build(tokens, of: batches[Int(id.batch)])
            case .combine(let chunk, let id):
                try exchange.combine(chunk, ofLayer: Int(id.layer), of: batches[Int(id.batch)])
            case .finish(let id): exchange.finish(batches[Int(id.batch)])
            case .look:
                try read(milliseconds: 0, for: batches)
                shell.machine.looked()
            case .wait: try read(milliseconds: CoordinatorShell.tickMilliseconds, for: batches)
            case .end: return
            }
        }
    }

    /// Read results of workers and outcomes of the coordinator's own experts; wait at most `milliseconds` for the
    /// first.
    private func read(milliseconds: Int, for batches: [MicroBatch]) throws(RuntimeError) {
        try shell.pump(milliseconds: milliseconds)
        try exchange.takeOwnOutcomes(batches)
    }

    private func route(_ id: ExchangeID, of batch: MicroBatch, in step: Step) throws(RuntimeError) {
        let layer = Int(id.layer)
        work.enter(.gate, layer: layer, batch: batch.index)
        let input = norms.input(batch.stream, layer: layer)
        let routed: RoutedBatch
        let visits: [CommonVisits]
        do {
            let tokens = input?.tokens ?? batch.stream
            routed = try gate.route(step: step.index, layer: layer, tokens: tokens, batch.routerInput(layer: layer))
            visits = try sharedGate.visits(tokens: tokens, firstDenseRow: input?.firstDenseRow ?? 0, layer: layer)
        } catch {
            try shell.checkInterrupt()
            throw .local("layer \(layer) of step \(step.index): \(error)")
        }
        let next = LayerWork(
            id: id,
            routed: routed,
            visits: visits,
            input: input,
            sources: step.sources,
            keepsOutput: step.keepsLayers
        )
        exchange.begin(next, of: batch)
    }

    /// Build the result of a step that is over, so that counting, attributing times and learning take none of its time.
    private func result(
        of step: Step,
        _ batches: [MicroBatch],
        _ span: Range<Nanoseconds>,
        input: Matrix?,
        output: Matrix
    ) throws(RuntimeError) -> StepResult {
        let joined: [RoutedBatch]
        do {
            joined = try (0..<layers).map { layer throws(RoutingError) in
                try gate.join(batches.map { $0.observations[layer].routed }, sequenceLengths: step.sequenceLengths)
            }
        } catch {
            try shell.checkInterrupt()
            throw .local("step \(step.index): \(error)")
        }
        gate.finishStep(joined.map(\.routing.plan))
        let timed = timeline.records(
            of: span,
            routings: joined.map(\.routing),
            exchanges: batches.map(\.observations),
            sources: step.sources,
            work: work
        )
        let record = StepRecord(step: step.index, tokens: step.tokens, seconds: timed.seconds, layers: timed.layers)
        let track = StepTrack(
            step: step.index,
            span: span,
            layers: timed.tracks,
            coordinator: timed.coordinator
        )
        return StepResult(
            record: record,
            track: track,
            input: input,
            output: output,
            keptLayers: KeptLayer.joined(batches.map(\.keptLayers), routed: joined),
            stampsMoved: timed.moved
        )
    }
}

/// The result of one step.
struct StepResult: Sendable {
    /// Loads and times of the step, whose index counts all steps, warm-up included.
    var record: StepRecord
    /// The time intervals of the step, by layer, rank and phase.
    var track: StepTrack
    /// Tokens before the first layer, `[tokens, hidden]`, or nil when layers are not kept.
    let input: Matrix?
    /// Tokens after the last layer, `[tokens, hidden]`.
    let output: Matrix
    /// The inputs and outputs of each layer, or none when they were not kept.
    let keptLayers: [KeptLayer]
    /// The largest shift, in nanoseconds, that put a worker's time stamp between the coordinator's stamps of the same
    /// chunk.
    let stampsMoved: Nanoseconds
}
