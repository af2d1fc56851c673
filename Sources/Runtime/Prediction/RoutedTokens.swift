import Cluster
internal import CostModel
internal import Experts
internal import MoE
internal import Placement
internal import Records
internal import Tensors
internal import Workloads

/// The loads of a prediction with tokens: every token is routed by the router of the run.
///
/// Where a gate or the noise of a router reads hidden states, all layers read those of the workload: the ones that a
/// live run has behind a layer need its experts. So layer 0 is routed as in a live run, and stands for the later
/// layers.
final class RoutedTokens: PredictedRows {
    private let plan: RunPlan
    private let source: any Workload
    private let gate: LayerGate
    private let norms: LayerNorms
    private var hidden: (step: Int, tokens: Matrix)?
    private var plans: [DispatchPlan] = []
    private let interrupt: Interrupt?
    private let routerProcess: RouterProcess?

    /// Open a workload, and start the program that routes where the router is one.
    ///
    /// - Parameter interrupt: ends the wait for that program.
    init(_ plan: RunPlan, interrupt: Interrupt?) throws {
        self.plan = plan
        self.interrupt = interrupt
        source = try WorkloadFactory.workload(plan, topK: plan.copiesPerToken())
        var router = try plan.makeRouter(tokenFrequencies: source.tokenFrequencies)
        let weights = try plan.weightSource.open(
            model: plan.modelShape,
            gateDeviation: Float(plan.router.logitStd)
        )
        try RouterNeeds.check(plan, source)
        routerProcess = try RouterProcess.start(for: &router, interrupt: interrupt)
        gate = try LayerGate(
            router: router,
            source: weights,
            seed: plan.run.seed,
            compute: ComputeEngine(threads: plan.cluster.threads),
            logitsAreGiven: plan.workload.kind == .synthetic
        )
        norms = try LayerNorms(weights, normalizes: plan.normalizesInput)
    }

    var workload: WorkloadSummary { source.summary }

    var notes: [String] { source.notes }

    /// Those of the run for a router that remembers earlier steps, or may: none else, since the modelled clock has
    /// nothing to warm up.
    var warmup: Int { gate.router.learns || routerProcess != nil ? plan.run.warmup : 0 }

    /// Warnings of the routing for a reader of the report.
    var warnings: [String] {
        let givesLogits = plan.workload.kind == .synthetic
        let router = gate.router
        let readsTokens = router.readsHidden || router.projections.contains { $0 != .gate || !givesLogits }
        guard readsTokens, plan.model.layers > 1 else { return [] }
        return [
            "the routers of all layers read the hidden states of the workload: layer 0 is routed as in a live run, the others "
                + "would see the outputs of the experts before them"
        ]
    }

    func rows(
        step: Int,
        layer: Int,
        _ placement: LayerPlacement,
        _ cluster: ModelledCluster
    ) throws(RuntimeError) -> PredictedLayer {
        let routing: Routing
        let sources: SourceRanks
        do {
            let outline = try source.outline(step: step)
            sources = plan.sources(tokens: outline.tokens, listed: outline.sourceRanks)
            let input = RouterInput(
                outline: outline,
                gate: try source.gate(step: step, layer: layer)
            )
            let tokens = try tokens(step: step, layer: layer, for: input.gate)
            routing = try gate.route(step: step, layer: layer, tokens: tokens, input).routing
        } catch {
            if interrupt?.isRaised == true { throw .interrupted }
            throw .local("layer \(layer) of step \(step): \(error)")
        }
        if gate.router.learns { plans.append(routing.plan) }
        let slots = SlotPlan(
            routing.plan,
            placement: placement,
            rule: plan.cluster.replicaChoice,
            context: ReplicaContext(sources: sources, seed: plan.run.seed, step: step, layer: layer)
        )
        return PredictedLayer(
            record: LayerRecord(layer: layer, routing: routing, identityExperts: plan.model.identityExperts),
            rows: RoutedRows(plan: routing.plan, slots: slots, cluster: cluster, sources: sources),
            routed: (routing.plan, slots, sources)
        )
    }

    func finishStep() {
        gate.finishStep(plans)
        plans = []
    }

    func finish() throws(RuntimeError) -> [String] {
        try (routerProcess?.end()).map { [$0] } ?? []
    }

    /// The hidden states that the gate and the router's noise read, `[tokens, hidden]`, or nil when nothing reads them.
    private func tokens(step: Int, layer: Int, for input: LayerGateInput) throws(WorkloadError) -> Matrix? {
        let projections = gate.router.projections
        let readsTokens = input == .model ? !projections.isEmpty : projections.contains { $0 != .gate }
        guard readsTokens || gate.router.readsHidden else { return nil }
        if hidden?.step != step { hidden = (step, try source.batch(step: step).hidden) }
        guard let tokens = hidden?.tokens else { return nil }
        return norms.input(tokens, layer: layer)?.tokens ?? tokens
    }
}

/// The loads of one layer of one step, before any time is modelled.
struct PredictedLayer {
    /// The record of the layer's loads; its times are not set yet.
    let record: LayerRecord
    let rows: RoutedRows
    /// The routing of the layer's tokens, the slots of their copies and their source ranks, or nil for expected loads.
    var routed: (plan: DispatchPlan, slots: SlotPlan, sources: SourceRanks)?
}

/// The source of the loads of experts and ranks in a prediction.
protocol PredictedRows {
    /// The summary of the tokens for a report.
    var workload: WorkloadSummary { get }

    /// What of the source was left out, a sentence each.
    var notes: [String] { get }

    /// The number of steps to route before the first one that counts.
    var warmup: Int { get }

    /// The loads of one layer of one step.
    ///
    /// Layers of a step come in order, and steps one after the other.
    func rows(
        step: Int,
        layer: Int,
        _ placement: LayerPlacement,
        _ cluster: ModelledCluster
    ) throws(RuntimeError) -> PredictedLayer

    /// Let a router that learns update its state at the end of a step.
    func finishStep()

    /// End what routes after the last step, and return warnings of that, a sentence each.
    func finish() throws(RuntimeError) -> [String]
}
