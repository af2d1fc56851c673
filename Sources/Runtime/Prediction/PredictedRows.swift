internal import CostModel
internal import Records
internal import MoE
internal import Placement
internal import Workloads

/// Where a prediction takes the loads of experts and ranks from.
protocol PredictedRows {
    /// What a report says about the tokens.
    var workload: WorkloadSummary { get }

    /// Steps to route before the first one that counts.
    var warmup: Int { get }

    /// One layer of one step: its loads, its rows, and the routing of its tokens where there are any.
    ///
    /// Layers of a step come in order, and steps one after the other.
    func rows(
        step: Int,
        layer: Int,
        _ placement: LayerPlacement,
        _ cluster: ModelledCluster
    ) throws(RuntimeError) -> (LayerRecord, RoutedRows, DispatchPlan?)

    /// Lets a router learn from the step that is over.
    func finishStep()
}
