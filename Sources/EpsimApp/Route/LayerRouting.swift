import Records
import MoE
import Reports
import Tensors
import Workloads

/// Routes one layer of recorded logits step by step, with what the router remembers.
struct LayerRouting {
    private let file: LogitsFile
    private let layer: LogitsLayer
    private let index: Int
    private let router: any Router
    private let seed: UInt64
    private var state: RouterState
    /// What came of it so far.
    private(set) var routed: RoutedLayer

    /// - Parameter layer: its place among the layers of the file.
    init(layer index: Int, of file: LogitsFile, by router: any Router, seed: UInt64) throws(WorkloadError) {
        self.file = file
        self.index = index
        self.router = router
        self.seed = seed
        layer = file.layers[index]
        state = try file.state(layer: layer)
        routed = RoutedLayer(number: layer.number, tensor: layer.tensor)
    }

    /// Routes the tokens of a step, with the random numbers that a run without warm-up has in that step and layer.
    mutating func route(
        step: Int,
        rows: Range<Int>
    ) throws(WorkloadError) -> (batch: RouterBatch, plan: DispatchPlan) {
        let random = CounterRandom(seed: seed, purpose: .routerNoise, step, index)
        let batch = try file.batch(layer: layer, rows: rows, for: router, random: random)
        let routing: Routing
        do throws(RoutingError) {
            routing = try router.route(batch, state: &state)
        } catch {
            let place = "\(layer.tensor), tokens \(rows.lowerBound)..<\(rows.upperBound)"
            throw WorkloadError(file: file.path, message: "\(place): \(error)")
        }
        routed.steps.append(LayerRecord(layer: layer.number, routing: routing))
        try compare(routing.plan, batch, rows)
        router.finishStep(loads: ExpertLoads(routing.plan).asked, state: &state)
        return (batch, routing.plan)
    }

    /// Compares the choices with those that the file holds of these tokens, if it does.
    private mutating func compare(_ plan: DispatchPlan, _ batch: RouterBatch, _ rows: Range<Int>) throws(WorkloadError)
    {
        guard let recorded = batch.recorded else { return }
        let logits = router.projections.firstIndex(of: .gate).map { batch.projections[$0] }
        var agreement = routed.agreement ?? ChoiceAgreement()
        agreement.compare(
            plan,
            with: recorded,
            kept: try file.recordedKept(layer: layer, rows: rows),
            ties: logits.map { TiedScores(logits: $0, bias: state.selectionBias, gateBias: state.gateBias) },
            firstToken: rows.lowerBound
        )
        routed.agreement = agreement
    }
}
