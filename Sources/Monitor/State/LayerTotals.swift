internal import Records
internal import MoE

/// What went on in one layer, summed over the measured steps so far.
public struct LayerTotals: Equatable, Sendable {
    /// Max over ranks of routed copies / mean over ranks, one value per step.
    public private(set) var rankImbalance = RunningMean()
    /// Max over experts of routed copies / mean over experts, one value per step.
    public private(set) var expertImbalance = RunningMean()
    /// Copies that found no place at their expert.
    public private(set) var copiesDropped = 0
    /// Copies that the router asked for, dropped or not.
    public private(set) var copiesAskedFor = 0
    /// Tokens that no expert served.
    public private(set) var tokensWithoutExpert = 0
    /// Seconds of the coordinator's phases: gate, shared and merge.
    public private(set) var gateSeconds = 0.0
    /// The rest of the coordinator's own shared experts, after the last output of a rank.
    public private(set) var sharedSeconds = 0.0
    /// Weighted sums and residual.
    public private(set) var mergeSeconds = 0.0

    /// Nothing done yet.
    public init() {}

    /// Adds one step. A record that lacks a rank does not count for the imbalance over ranks, as in a report.
    mutating func add(_ record: LayerRecord, ranks: Int) {
        let kept = record.expertCopies.reduce(0, +)
        let dropped = record.expertDropped.reduce(0, +)
        copiesDropped += dropped
        copiesAskedFor += kept + dropped
        tokensWithoutExpert += record.tokensWithoutExpert
        gateSeconds += record.gateSeconds
        sharedSeconds += record.sharedSeconds
        mergeSeconds += record.mergeSeconds
        expertImbalance.add(LoadStatistics(record.expertCopies).imbalance)
        if record.ranks.count == ranks {
            rankImbalance.add(LoadStatistics(record.ranks.map(\.copies)).imbalance)
        }
    }
}
