internal import CostModel
internal import Records
internal import MoE
internal import Placement
internal import Workloads

/// What a prediction knows of one layer of one step before it models any time.
struct PredictedLayer {
    /// Its loads.
    let record: LayerRecord
    let rows: RoutedRows
    /// The routing of its tokens and the slots of their copies, where there are tokens.
    var routed: (plan: DispatchPlan, slots: SlotPlan)?
}

/// Where a prediction takes the loads of experts and ranks from.
protocol PredictedRows {
    /// What a report says about the tokens.
    var workload: WorkloadSummary { get }

    /// Steps to route before the first one that counts.
    var warmup: Int { get }

    /// One layer of one step.
    ///
    /// Layers of a step come in order, and steps one after the other.
    func rows(
        step: Int,
        layer: Int,
        _ placement: LayerPlacement,
        _ cluster: ModelledCluster
    ) throws(RuntimeError) -> PredictedLayer

    /// Lets a router learn from the step that is over.
    func finishStep()
}
