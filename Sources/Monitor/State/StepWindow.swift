public import Records
internal import Reports

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

    /// Takes in a step, and lets the oldest go where there is no room.
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

    /// Tokens / seconds of the steps alone, as a report has it, over the window.
    public var tokensPerSecond: Double? {
        Average.ratio(entries.reduce(0) { $0 + Double($1.record.tokens) }, stepSeconds)
    }

    /// Mean over steps of the imbalance over ranks.
    public var rankImbalance: Double? { mean(\.rankImbalance) }
    /// Mean over steps of the imbalance over experts.
    public var expertImbalance: Double? { mean(\.expertImbalance) }
    /// Seconds in flight of the busiest ranks / seconds of the steps.
    public var communicationShare: Double? { Average.ratio(sum(\.communicationSeconds), stepSeconds) }
    /// Seconds in flight while nobody computed / seconds of the steps.
    public var exposedShare: Double? { Average.ratio(sum(\.exposedSeconds), stepSeconds) }

    /// Copies dropped / copies asked for.
    public var droppedFraction: Double? {
        Average.ratio(
            entries.reduce(0) { $0 + Double($1.summary.copiesDropped) },
            entries.reduce(0) { $0 + Double($1.summary.copiesAskedFor) }
        )
    }

    /// Routed copies per rank and step, `[ranks]`; empty without steps.
    public var rankCopies: [Double] { means { $0.rankCopies.map(Double.init) } }

    /// Routed copies of each rank / mean over ranks, mean over layers and steps, `[ranks]`; empty without steps.
    public var rankLoads: [Double] { means(\.rankLoads) }

    /// The same, of the (step, layer) where it is most, `[ranks]`; empty without steps.
    public var rankPeaks: [Double] { perRank(\.rankPeaks) { max($0, $1) } }

    private var stepSeconds: Double { entries.reduce(0) { $0 + $1.record.seconds } }

    private func sum(_ value: (StepSummary) -> Double) -> Double { entries.reduce(0) { $0 + value($1.summary) } }

    private func mean(_ value: (StepSummary) -> Double?) -> Double? {
        var mean = RunningMean()
        for entry in entries {
            if let value = value(entry.summary) { mean.add(value) }
        }
        return mean.mean
    }

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
