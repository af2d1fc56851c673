public import CostModel
public import Records
public import Workloads

/// What the modelled clock says about a configuration.
public struct Prediction: Sendable {
    /// The measured steps of a live run, by the modelled clock.
    public internal(set) var steps: [StepRecord] = []
    /// What tokens there were.
    public let workload: WorkloadSummary
    /// The experts of each rank.
    public let expertsOfRank: [[Int]]
    /// The rank of each expert, `[experts]`.
    public var rankOfExpert: [Int] {
        var ranks = [Int](repeating: 0, count: expertsOfRank.reduce(0) { $0 + $1.count })
        for (rank, experts) in expertsOfRank.enumerated() {
            for expert in experts { ranks[expert] = rank }
        }
        return ranks
    }
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
