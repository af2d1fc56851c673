public import Figures
public import Records

/// The last measured steps, at most ``limit`` of them.
public struct StepWindow: Equatable, Sendable {
    /// One step in the window.
    public struct Entry: Equatable, Sendable {
        /// The record of the step.
        public let record: StepRecord
        /// The figures of the step.
        public let summary: StepSummary
        /// The time at which the step was reported, in seconds on the clock of the live view.
        public let time: Double
    }

    /// The number of steps that are kept at most.
    public let limit: Int
    /// The steps, oldest first.
    public private(set) var entries: [Entry] = []

    /// Create a window over at most `limit` steps.
    ///
    /// - Precondition: `limit` is positive.
    public init(limit: Int) {
        precondition(limit > 0, "a window has room for a step")
        self.limit = limit
    }

    /// Add a step, and drop the oldest where the window is full.
    mutating func add(_ entry: Entry) {
        if entries.count == limit { entries.removeFirst() }
        entries.append(entry)
    }

    /// The records of the steps, oldest first, for charts of the last steps.
    public var records: [StepRecord] { entries.map(\.record) }

    /// Steps per second on the clock of the live view, which counts the time between steps, too; by the step's own time
    /// while the window holds only one.
    public var stepsPerSecond: Double? {
        guard let first = entries.first, let last = entries.last else { return nil }
        let seconds = entries.count > 1 ? last.time - first.time : last.record.seconds
        let steps = Double(max(entries.count - 1, 1))
        return Average.ratio(steps, seconds)
    }

    /// The figures of the catalogue over the steps of the window.
    public var figures: FigureAccumulator {
        entries.reduce(into: FigureAccumulator()) { $0.add($1.summary.figures) }
    }

    /// Routed copies per rank and step, `[ranks]`; empty without steps.
    public var rankCopies: [Double] { means { $0.rankCopies.map(Double.init) } }

    /// Routed copies of each rank / mean over ranks, mean over layers and steps, `[ranks]`; empty without steps.
    public var rankLoads: [Double] { means(\.rankLoads) }

    /// The load of each rank as in ``rankLoads``, in the (step, layer) where it is largest, `[ranks]`; empty without
    /// steps.
    public var rankPeaks: [Double] { perRank(\.rankPeaks) { max($0, $1) } }

    private func means(_ values: (StepSummary) -> [Double]) -> [Double] {
        perRank(values, +).map { $0 / Double(entries.count) }
    }

    /// Join the values of all steps, rank by rank.
    private func perRank(_ values: (StepSummary) -> [Double], _ join: (Double, Double) -> Double) -> [Double] {
        guard let first = entries.first else { return [] }
        return entries.dropFirst().reduce(into: values(first.summary)) { joined, entry in
            for (rank, value) in values(entry.summary).enumerated() { joined[rank] = join(joined[rank], value) }
        }
    }
}

/// The figures of one step that a live view keeps, since it would be slow to compute them at every look.
public struct StepSummary: Equatable, Sendable {
    /// The figures of the catalogue for the step.
    public let figures: FigureAccumulator
    /// Routed copies per rank, summed over layers, `[ranks]`.
    public let rankCopies: [Int]
    /// Routed copies of a rank / mean over ranks, mean over layers, `[ranks]`.
    public let rankLoads: [Double]
    /// The load of each rank as in ``rankLoads``, in the layer where it is largest, `[ranks]`.
    public let rankPeaks: [Double]

    /// Create the summary of a step of a run on `ranks` ranks.
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
