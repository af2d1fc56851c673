internal import Cluster
internal import CostModel
internal import Experts
internal import MoE
internal import Placement
internal import Tensors
internal import Workloads

/// A stack of MoE layers, run over the cluster: x + combine(experts(dispatch(route(norm(x))))) layer after layer.
final class LayerStack {
    private let layers: Int
    private let hasSharedExpert: Bool
    private let placement: Placement
    private let payload: DType
    private let rowBytes: Int
    private let workersApplyWeights: Bool
    private let encoder: DispatchEncoder
    private let gate: LayerGate
    private let shell: CoordinatorShell

    init(setup: SessionSetup, gate: LayerGate, shell: CoordinatorShell) {
        layers = setup.model.layers
        hasSharedExpert = setup.model.sharedExpert != nil
        placement = setup.placement
        payload = setup.payload
        rowBytes = setup.model.hidden * setup.payload.byteCount
        workersApplyWeights = setup.workersApplyWeights
        encoder = DispatchEncoder(
            hidden: setup.model.hidden,
            payload: setup.payload,
            carriesWeights: setup.workersApplyWeights,
            creditBytes: setup.creditBytes
        )
        self.gate = gate
        self.shell = shell
    }

    /// Runs one step.
    ///
    /// - Parameters:
    ///   - index: counts all steps, warm-up included.
    ///   - keepsTraces: whether inputs and outputs of the layers are kept.
    func run(index: Int, batch: WorkloadBatch, keepsTraces: Bool) throws(RuntimeError) -> StepResult {
        let started = MonotonicClock.now()
        var layerStarted = started
        var hidden = batch.hidden
        var observations: [LayerObservation] = []
        var traces: [LayerTrace] = []
        for layer in 0..<layers {
            let (observation, trace) = try run(
                layer,
                step: index,
                started: layerStarted,
                hidden: &hidden,
                source: batch.gate
            )
            observations.append(observation)
            // One stamp ends a layer and begins the next, so that no time lies between them.
            layerStarted = observation.clock.ended
            if keepsTraces { traces.append(trace) }
        }
        let seconds = (MonotonicClock.now() - started).seconds
        // Counting and attributing costs time of its own, and so waits until the step is over.
        let timed = observations.map { $0.record(placement: placement, rowBytes: rowBytes) }
        let record = StepRecord(step: index, tokens: hidden.rows, seconds: seconds, layers: timed.map(\.record))
        let moved = timed.map(\.moved).max() ?? 0
        return StepResult(record: record, output: hidden, traces: traces, stampsMoved: moved)
    }

    private func run(
        _ layer: Int,
        step: Int,
        started: Nanoseconds,
        hidden: inout Matrix,
        source: GateSource
    ) throws(RuntimeError) -> (LayerObservation, LayerTrace) {
        var clock = LayerClock(started: started)
        let tokens = RMSNorm.apply(hidden)
        let (routerBatch, routing) = try route(tokens, step, layer, source)
        let (combined, ranks) = try exchange(tokens, routing.plan, step, layer, &clock)
        hidden.add(combined)
        clock.ended = MonotonicClock.now()
        let observation = LayerObservation(layer: layer, routing: routing, ranks: ranks, clock: clock)
        let trace = LayerTrace(
            step: step,
            layer: layer,
            tokens: tokens,
            batch: routerBatch,
            routing: routing,
            combined: combined,
            logitsAreModels: source.isModel
        )
        return (observation, trace)
    }

    /// Dispatch and combine. All batches are freed on return, so that this too falls into the time of the merge.
    private func exchange(
        _ tokens: Matrix,
        _ plan: DispatchPlan,
        _ step: Int,
        _ layer: Int,
        _ clock: inout LayerClock
    ) throws(RuntimeError) -> (combined: Matrix, ranks: [RankObservation]) {
        let batches = LayerBatches(plan: plan, placement: placement, hasSharedExpert: hasSharedExpert)
        let outgoing = encoder.encode(batches, tokens: tokens)
        clock.ready = MonotonicClock.now()
        let results = try shell.run(step: step, layer: layer, batches: outgoing)
        clock.done = MonotonicClock.now()
        let combiner = Combiner(
            plan: plan,
            batches: batches,
            hidden: tokens.columns,
            payload: payload,
            appliesGateWeights: !workersApplyWeights
        )
        return (combiner.combine(results.collected), batches.ranks.map { RankObservation($0, results) })
    }

    private func route(
        _ tokens: Matrix,
        _ step: Int,
        _ layer: Int,
        _ source: GateSource
    ) throws(RuntimeError) -> (RouterBatch, Routing) {
        do {
            let batch = try gate.batch(step: step, layer: layer, tokens: tokens, source: source)
            return (batch, try gate.route(batch, layer: layer))
        } catch {
            throw .local("layer \(layer) of step \(step): \(error)")
        }
    }
}

extension GateSource {
    /// True when the logits come from the model's own gate.
    var isModel: Bool { self == .model }
}

extension Matrix {
    /// Adds a matrix of the same shape.
    mutating func add(_ other: Matrix) {
        precondition(rows == other.rows && columns == other.columns, "matrices of different shapes")
        unsafe values.withUnsafeMutableBufferPointer { sum in
            unsafe other.values.withUnsafeBufferPointer { summand in
                for index in 0..<sum.count { unsafe sum[index] += summand[index] }
            }
        }
    }
}
