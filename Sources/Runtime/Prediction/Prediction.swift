public import CostModel
public import Placement
public import Records
public import Workloads

/// The modelled steps of a configuration.
public struct Prediction: Sendable {
    /// The measured steps of a live run, by the modelled clock.
    public internal(set) var steps: [StepRecord] = []
    /// What tokens there were.
    public let workload: WorkloadSummary
    /// Where the experts of each layer are.
    public let placement: Placement
    /// The layers' model, with the constants that it used.
    public let model: LayerModel
    /// What the rank with most to hold needs.
    public internal(set) var memory: MemoryFit
    /// What bounds the steps.
    public internal(set) var limits = StepLimits()
    /// What a reader should know before believing it.
    public internal(set) var notes: [String] = []
    /// True when the user ended it early.
    public internal(set) var isInterrupted = false
}
