public import Figures
internal import Records

/// The figures of one step that a live view keeps, as they would be dear to work out at every look.
public struct StepSummary: Equatable, Sendable {
    /// The figures of the catalogue.
    public let figures: FigureAccumulator
    /// Routed copies per rank, summed over layers, `[ranks]`.
    public let rankCopies: [Int]
    /// Routed copies of a rank / mean over ranks, mean over layers, `[ranks]`.
    public let rankLoads: [Double]
    /// The same, of the layer where it is most, `[ranks]`.
    public let rankPeaks: [Double]

    /// The summary of a step of a run on `ranks` ranks.
    init(_ step: StepRecord, ranks: Int) {
        var copies = [Int](repeating: 0, count: ranks)
        var loads = [RunningMean](repeating: RunningMean(), count: ranks)
        for layer in step.layers {
            let known = layer.ranks.filter { copies.indices.contains($0.rank) }
            for record in known { copies[record.rank] += record.copies }
            let mean = Double(layer.ranks.reduce(0) { $0 + $1.copies }) / Double(ranks)
            guard layer.ranks.count == ranks, mean > 0 else { continue }
            for record in known { loads[record.rank].add(Double(record.copies) / mean) }
        }
        figures = FigureAccumulator([step], ranks: ranks)
        rankCopies = copies
        rankLoads = loads.map { $0.mean ?? 0 }
        rankPeaks = loads.map { $0.largest ?? 0 }
    }
}
