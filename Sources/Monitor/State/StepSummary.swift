internal import Records
internal import MoE

/// What a live view keeps of one step beside its record: figures that would be dear to work out at every look.
public struct StepSummary: Equatable, Sendable {
    /// Routed copies per rank, summed over layers, `[ranks]`.
    public let rankCopies: [Int]
    /// Routed copies of a rank / mean over ranks, mean over layers, `[ranks]`.
    public let rankLoads: [Double]
    /// The same, of the layer where it is most, `[ranks]`.
    public let rankPeaks: [Double]
    /// Max over ranks of routed copies / mean over ranks, mean over layers.
    public let rankImbalance: Double?
    /// Max over experts of routed copies / mean over experts, mean over layers.
    public let expertImbalance: Double?
    /// Seconds for which tokens travelled to a rank plus those for which outputs travelled back, of the rank of each
    /// layer where that is most; summed over layers.
    public let communicationSeconds: Double
    /// Seconds during which data travelled while nobody computed, summed over layers.
    public let exposedSeconds: Double
    /// Copies that found no place, all layers.
    public let copiesDropped: Int
    /// Copies that the router asked for, all layers.
    public let copiesAskedFor: Int

    /// The summary of a step of a run on `ranks` ranks.
    init(_ step: StepRecord, ranks: Int) {
        var copies = [Int](repeating: 0, count: ranks)
        var loads = [RunningMean](repeating: RunningMean(), count: ranks)
        var peaks = [Double](repeating: 0, count: ranks)
        var overRanks = RunningMean()
        var overExperts = RunningMean()
        var communication = 0.0
        for layer in step.layers {
            var busiest = 0.0
            for record in layer.ranks where copies.indices.contains(record.rank) {
                copies[record.rank] += record.copies
                busiest = max(busiest, record.dispatchInFlightSeconds + record.combineInFlightSeconds)
            }
            communication += busiest
            overExperts.add(LoadStatistics(layer.expertCopies).imbalance)
            guard layer.ranks.count == ranks else { continue }
            overRanks.add(LoadStatistics(layer.ranks.map(\.copies)).imbalance)
            let mean = Double(layer.ranks.reduce(0) { $0 + $1.copies }) / Double(ranks)
            for record in layer.ranks where mean > 0 && copies.indices.contains(record.rank) {
                loads[record.rank].add(Double(record.copies) / mean)
                peaks[record.rank] = max(peaks[record.rank], Double(record.copies) / mean)
            }
        }
        rankCopies = copies
        rankLoads = loads.map { $0.mean ?? 0 }
        rankPeaks = peaks
        rankImbalance = overRanks.mean
        expertImbalance = overExperts.mean
        communicationSeconds = communication
        exposedSeconds = step.layers.reduce(0) { $0 + $1.exposedCommunicationSeconds }
        copiesDropped = step.layers.reduce(0) { $1.expertDropped.reduce($0, +) }
        copiesAskedFor = step.layers.reduce(copiesDropped) { $1.expertCopies.reduce($0, +) }
    }
}
