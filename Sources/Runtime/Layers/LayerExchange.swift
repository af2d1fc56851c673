internal import Cluster
internal import Experts
internal import MoE
internal import Placement
internal import Tensors

/// Dispatch and combine of one layer at a time.
struct LayerExchange {
    /// What a layer sends.
    struct Work {
        let step: Int
        let layer: Int
        let input: LayerInput
        let plan: DispatchPlan
        let visits: [ReplicatedVisits]
    }

    /// Longest wait for the coordinator's own experts between two looks at the workers.
    private static let tickMilliseconds = 20

    private let placement: Placement
    private let hidden: Int
    private let payload: DType
    private let workersApplyWeights: Bool
    private let outputScale: Float
    private let deadline: Nanoseconds
    private let outputBiases: [[Float]?]
    private let encoder: DispatchEncoder
    private let shell: CoordinatorShell
    private let ownExperts: CoordinatorExperts?

    /// - Parameter ownExperts: the coordinator's own, or nil when ranks hold the experts that every token visits.
    init(setup: SessionSetup, shell: CoordinatorShell, ownExperts: CoordinatorExperts?) throws(CheckpointError) {
        placement = setup.placement
        hidden = setup.model.hidden
        payload = setup.payload
        workersApplyWeights = setup.workersApplyWeights
        outputScale = setup.model.outputScale
        deadline = setup.plan.deadlines.layer
        var biases: [[Float]?] = []
        for layer in 0..<setup.model.layers { biases.append(try setup.experts.outputBias(layer: layer)) }
        outputBiases = biases
        encoder = DispatchEncoder(
            hidden: setup.model.hidden,
            payload: setup.payload,
            carriesWeights: setup.workersApplyWeights,
            creditBytes: setup.creditBytes
        )
        self.shell = shell
        self.ownExperts = ownExperts
    }

    /// All batches are freed on return, so that this too falls into the time of the merge.
    func run(
        _ work: Work,
        _ clock: inout LayerClock
    ) throws(RuntimeError) -> (combined: CombinedLayer, ranks: [RankObservation]) {
        let onRanks = ownExperts == nil ? work.visits : []
        let batches = LayerBatches(plan: work.plan, placement: placement, replicated: onRanks)
        let outgoing = encoder.encode(batches, input: work.input.rows)
        clock.ready = MonotonicClock.now()
        ownExperts?.begin(CoordinatorExperts.Job(layer: work.layer, input: work.input, visits: work.visits))
        let results = try shell.run(step: work.step, layer: work.layer, batches: outgoing)
        clock.done = MonotonicClock.now()
        let own = try ownOutcome(layer: work.layer)
        clock.complete = own == nil ? clock.done : MonotonicClock.now()
        clock.ownExperts = own?.busy
        let combiner = Combiner(
            plan: work.plan,
            batches: batches,
            replicated: work.visits,
            hidden: hidden,
            payload: payload,
            appliesGateWeights: !workersApplyWeights,
            outputBias: outputBiases[work.layer],
            outputScale: outputScale
        )
        let combined = combiner.combine(results.collected, local: own?.outputs ?? [])
        return (combined, batches.ranks.map { RankObservation($0, results) })
    }

    private func ownOutcome(layer: Int) throws(RuntimeError) -> CoordinatorExperts.Outcome? {
        guard let ownExperts else { return nil }
        let end = MonotonicClock.now() + deadline
        repeat {
            if let outcome = try ownExperts.take(milliseconds: Self.tickMilliseconds) { return outcome }
            try shell.pump()
        } while MonotonicClock.now() < end
        throw .local(
            "the coordinator's own experts were not done with layer \(layer) within \(deadline.seconds) s "
                + "(cluster.layer_seconds)"
        )
    }
}
