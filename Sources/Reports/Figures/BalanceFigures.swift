import Records

/// Which rank's experts take longest, and what it costs that they do.
///
/// Seconds of compute are compared per (step, layer) and never summed over layers first: that would hide imbalance.
public struct BalanceFigures: Codable, Equatable, Sendable {
    /// The rank whose experts take longest in most (step, layer) pairs.
    @OrNull public private(set) var busiestRank: Int?
    /// In how many pairs they do.
    @OrNull public private(set) var busiestLayers: Int?
    /// The (step, layer) pairs that were compared.
    public let layers: Int
    /// Compute seconds of the slowest rank / mean over ranks, mean over the pairs.
    @OrNull public private(set) var busiestRatio: Double?
    /// What perfect balance would save at most: the slowest rank's compute seconds less the mean over ranks, summed over
    /// all pairs / seconds of all steps; 0 to 1.
    @OrNull public private(set) var saving: Double?

    /// The balance of recorded steps; a (step, layer) that lacks a rank or computes nothing does not count.
    init(_ steps: [StepRecord], ranks: Int) {
        var slowest = [Int](repeating: 0, count: ranks)
        var ratios: [Double] = []
        var excess = 0.0
        for layer in steps.lazy.flatMap(\.layers) where layer.ranks.count == ranks {
            let seconds = layer.ranks.map(\.seconds.compute)
            let mean = seconds.reduce(0, +) / Double(max(ranks, 1))
            guard mean > 0, let rank = seconds.indices.max(by: { seconds[$0] < seconds[$1] }) else { continue }
            slowest[rank] += 1
            ratios.append(seconds[rank] / mean)
            excess += seconds[rank] - mean
        }
        layers = ratios.count
        busiestRatio = Average.of(ratios)
        saving = ratios.isEmpty ? nil : Average.ratio(excess, steps.reduce(0) { $0 + $1.seconds })
        guard let rank = slowest.indices.max(by: { slowest[$0] < slowest[$1] }), slowest[rank] > 0 else { return }
        busiestRank = rank
        busiestLayers = slowest[rank]
    }
}
