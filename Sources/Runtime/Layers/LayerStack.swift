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
    private let placement: Placement
    private let rowBytes: Int
    private let norms: LayerNorms
    private let gate: LayerGate
    private let sharedGate: SharedGate
    private let exchange: LayerExchange

    init(setup: SessionSetup, shell: CoordinatorShell, ownExperts: CoordinatorExperts?) throws(RuntimeError) {
        layers = setup.model.layers
        placement = setup.placement
        rowBytes = setup.model.hidden * setup.payload.byteCount
        do {
            let source = setup.experts
            let compute = try ComputeEngine(threads: setup.threads)
            norms = try LayerNorms(source, normalizes: setup.normalizesInput)
            gate = try LayerGate(router: setup.router, source: source, seed: setup.seed, compute: compute)
            sharedGate = try SharedGate(source, compute: compute)
            exchange = try LayerExchange(setup: setup, shell: shell, ownExperts: ownExperts)
        } catch {
            throw .local("\(error)")
        }
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
            let (observation, trace) = try run(layer, step: index, started: layerStarted, hidden: &hidden, of: batch)
            observations.append(observation)
            // One stamp ends a layer and begins the next, so that no time lies between them.
            layerStarted = observation.clock.ended
            if keepsTraces { traces.append(trace) }
        }
        let seconds = (MonotonicClock.now() - started).seconds
        // Counting, attributing and learning cost time of their own, and so wait until the step is over.
        gate.finishStep(observations.map(\.routing.plan))
        let timed = observations.map { $0.record(placement: placement, rowBytes: rowBytes) }
        let record = StepRecord(step: index, tokens: hidden.rows, seconds: seconds, layers: timed.map(\.record))
        let moved = timed.map(\.moved).max() ?? 0
        return StepResult(
            record: record,
            input: batch.hidden,
            output: hidden,
            traces: traces,
            stampsMoved: moved
        )
    }

    private func run(
        _ layer: Int,
        step: Int,
        started: Nanoseconds,
        hidden: inout Matrix,
        of workload: WorkloadBatch
    ) throws(RuntimeError) -> (LayerObservation, LayerTrace) {
        var clock = LayerClock(started: started)
        let input = norms.input(hidden, layer: layer)
        let state = gate.state(layer: layer)
        let batch: RouterBatch
        let routing: Routing
        let visits: [ReplicatedVisits]
        do {
            batch = try gate.batch(step: step, layer: layer, tokens: input.tokens, of: workload)
            routing = try gate.route(batch, layer: layer)
            visits = try sharedGate.visits(input, layer: layer)
        } catch {
            throw .local("layer \(layer) of step \(step): \(error)")
        }
        let work = LayerExchange.Work(step: step, layer: layer, input: input, plan: routing.plan, visits: visits)
        let (combined, ranks) = try exchange.run(work, &clock)
        hidden.add(combined.output)
        clock.ended = MonotonicClock.now()
        let trace = LayerTrace(
            step: step,
            layer: layer,
            input: input,
            state: state,
            batch: batch,
            routing: routing,
            replicated: visits,
            combined: combined,
            logitsAreModels: workload.gate == .model
        )
        return (LayerObservation(layer: layer, routing: routing, ranks: ranks, clock: clock), trace)
    }
}
