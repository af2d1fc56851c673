public import Records

/// The slowest rank's experts and the time that perfect balance would save.
///
/// Seconds of compute are compared per (step, layer) and never summed over layers first: that would hide imbalance.
public struct BalanceFigures: FigureSection {
    /// Its path in the report.
    public static let section = Figure.Section.balance
    /// Its figures.
    public let figures: FigureValues

    /// The part of the given figures.
    public init(figures: FigureValues) { self.figures = figures }

    /// The balance of recorded steps of a run on `ranks` ranks, of which `sums` has the figures.
    public init(_ steps: [StepRecord], ranks: Int, _ sums: FigureAccumulator) {
        var slowest = [Int](repeating: 0, count: ranks)
        for layer in steps.lazy.flatMap(\.layers) {
            let seconds = layer.computeSeconds(ofRanks: ranks) ?? []
            if let rank = seconds.indices.max(by: { seconds[$0] < seconds[$1] }) { slowest[rank] += 1 }
        }
        var figures = sums.values(of: Self.section)
        if let rank = slowest.indices.max(by: { slowest[$0] < slowest[$1] }), slowest[rank] > 0 {
            figures[whole: .busiestRank] = rank
            figures[whole: .busiestLayers] = slowest[rank]
        }
        self.figures = figures
    }
}
