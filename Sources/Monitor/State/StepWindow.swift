public import Figures
public import Records

/// The last measured steps, at most ``limit`` of them.
public struct StepWindow: Equatable, Sendable {
    /// One step.
    public struct Entry: Equatable, Sendable {
        /// What was measured.
        public let record: StepRecord
        /// Figures of it.
        public let summary: StepSummary
        /// When it was told of, in seconds on the watch of the live view.
        public let time: Double
    }

    /// The most steps that are kept.
    public let limit: Int
    /// The steps, oldest first.
    public private(set) var entries: [Entry] = []

    /// A window over at most `limit` steps.
    ///
    /// - Precondition: `limit` is positive.
    public init(limit: Int) {
        precondition(limit > 0, "a window has room for a step")
        self.limit = limit
    }

    /// Take in a step, and let the oldest go where there is no room.
    mutating func add(_ entry: Entry) {
        if entries.count == limit { entries.removeFirst() }
        entries.append(entry)
    }

    /// The records of the steps, oldest first; what charts of the last steps are made of.
    public var records: [StepRecord] { entries.map(\.record) }

    /// Steps per second by the watch, so with what goes on between steps; the step's own time while there is one only.
    public var stepsPerSecond: Double? {
        guard let first = entries.first, let last = entries.last else { return nil }
        let seconds = entries.count > 1 ? last.time - first.time : last.record.seconds
        let steps = Double(max(entries.count - 1, 1))
        return Average.ratio(steps, seconds)
    }

    /// The figures of the catalogue over the steps.
    public var figures: FigureAccumulator {
        entries.reduce(into: FigureAccumulator()) { $0.add($1.summary.figures) }
    }

    /// Routed copies per rank and step, `[ranks]`; empty without steps.
    public var rankCopies: [Double] { means { $0.rankCopies.map(Double.init) } }

    /// Routed copies of each rank / mean over ranks, mean over layers and steps, `[ranks]`; empty without steps.
    public var rankLoads: [Double] { means(\.rankLoads) }

    /// The same, of the (step, layer) where it is most, `[ranks]`; empty without steps.
    public var rankPeaks: [Double] { perRank(\.rankPeaks) { max($0, $1) } }

    private func means(_ values: (StepSummary) -> [Double]) -> [Double] {
        perRank(values, +).map { $0 / Double(entries.count) }
    }

    /// The values of all steps, joined rank by rank.
    private func perRank(_ values: (StepSummary) -> [Double], _ join: (Double, Double) -> Double) -> [Double] {
        guard let first = entries.first else { return [] }
        return entries.dropFirst().reduce(into: values(first.summary)) { joined, entry in
            for (rank, value) in values(entry.summary).enumerated() { joined[rank] = join(joined[rank], value) }
        }
    }
}

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
