public import Figures
public import Records

/// The state of a run under way: a plain value that is told what happens, and when.
///
/// Everything since the first measured step is kept as sums, so that means over all steps can be had at any time and
/// agree with the report; the last steps are kept whole, in a window of bounded length. There is no clock in it: times
/// are seconds on the watch of whoever tells it.
public struct LiveState: Equatable, Sendable {
    /// The (step, layer, rank) records of the last steps that are kept: enough to see, few enough to draw each second.
    public static let mostRecords = 1 << 14

    /// What is being run.
    public let run: LiveRun
    /// How far it is.
    public internal(set) var stage = LiveStage.waiting
    /// Workers that are ready.
    public internal(set) var workersReady = 0
    /// Warm-up steps that are still to come.
    public internal(set) var warmupLeft: Int
    /// The figures of the catalogue over all measured steps so far, with their number, tokens and seconds.
    public internal(set) var figures = FigureAccumulator()
    /// The same layer by layer, `[layers]`.
    public internal(set) var layerFigures: [FigureAccumulator]
    /// Seconds of the coordinator's phases, summed over layers and steps.
    public internal(set) var coordinatorSeconds: [Phase: Double] = [:]
    /// Seconds of each measured step.
    public internal(set) var stepSeconds = HistogramTable(bounds: HistogramTable.stepBounds, series: 1)
    /// Seconds of the phase dispatch per (step, layer, rank); series by ``grouping``.
    public internal(set) var dispatchSeconds: HistogramTable
    /// Seconds of the phase combine per (step, layer, rank); series by ``grouping``.
    public internal(set) var combineSeconds: HistogramTable
    /// What each rank did in each layer, `[layers * ranks]`, layer major.
    public internal(set) var rankTotals: [RankRecord]
    /// The last measured steps.
    public internal(set) var window: StepWindow
    /// Which (rank, layer) pairs the histograms tell apart.
    public let grouping: LabelGrouping
    /// When the run ended, on the watch.
    public internal(set) var endTime: Double?

    /// A run of which nothing has happened yet.
    ///
    /// - Parameters:
    ///   - run: what is being run.
    ///   - window: how many of the last steps figures of the moment are over, at most; fewer where they hold more than
    ///     ``mostRecords`` records of a (step, layer, rank).
    public init(run: LiveRun, window: Int = 100) {
        self.run = run
        let perStep = max(run.layers * run.ranks, 1)
        self.window = StepWindow(limit: max(1, min(window, Self.mostRecords / perStep)))
        warmupLeft = run.warmupSteps
        grouping = LabelGrouping(ranks: run.ranks, layers: run.layers)
        dispatchSeconds = HistogramTable(bounds: HistogramTable.partBounds, series: grouping.pairs)
        combineSeconds = HistogramTable(bounds: HistogramTable.partBounds, series: grouping.pairs)
        rankTotals = (0..<run.ranks * run.layers).map { RankRecord(rank: $0 % run.ranks) }
        layerFigures = [FigureAccumulator](repeating: FigureAccumulator(), count: run.layers)
    }

    /// Measured steps so far.
    public var steps: Int { figures.steps }

    /// Seconds until the last step is done, by the rate of the last ones; nil while that is not known.
    public var secondsLeft: Double? {
        if stage.isOver { return 0 }
        return window.stepsPerSecond.map { Double(max(run.steps - steps, 0)) / $0 }
    }
}

extension LiveState {
    /// So many workers are ready.
    public mutating func workersReady(_ count: Int) {
        workersReady = count
    }

    /// The workers are ready, or a warm-up step is done; so many are left.
    public mutating func warmup(left: Int) {
        warmupLeft = left
        stage = left > 0 ? .warmup : .measuring
    }

    /// A step was measured.
    ///
    /// - Parameters:
    ///   - record: its loads and times. What lies outside of the run's ranks and layers is left out.
    ///   - time: seconds on the watch.
    public mutating func measured(_ record: StepRecord, at time: Double) {
        stage = .measuring
        warmupLeft = 0
        stepSeconds.observe(record.seconds, series: 0)
        for layer in record.layers where layerFigures.indices.contains(layer.layer) { add(layer, of: record) }
        let summary = StepSummary(record, ranks: run.ranks)
        figures.add(summary.figures)
        window.add(StepWindow.Entry(record: record, summary: summary, time: time))
    }

    /// The run is over.
    ///
    /// - Precondition: `stage` is one that is over.
    public mutating func ended(_ stage: LiveStage, at time: Double) {
        precondition(stage.isOver, "a run ends in an end")
        self.stage = stage
        endTime = time
    }

    private mutating func add(_ layer: LayerRecord, of step: StepRecord) {
        layerFigures[layer.layer].add(LayerSample(layer, tokens: step.tokens, ranks: run.ranks))
        coordinatorSeconds[.gate, default: 0] += layer.gateSeconds
        coordinatorSeconds[.shared, default: 0] += layer.sharedSeconds
        coordinatorSeconds[.merge, default: 0] += layer.mergeSeconds
        for record in layer.ranks where (0..<run.ranks).contains(record.rank) {
            rankTotals[layer.layer * run.ranks + record.rank].add(record)
            let pair = grouping.index(rank: record.rank, layer: layer.layer)
            dispatchSeconds.observe(record.seconds.dispatch, series: pair)
            combineSeconds.observe(record.seconds.combine, series: pair)
        }
    }
}

extension LiveState {
    /// The sum over layers of a figure of one rank, over all measured steps.
    ///
    /// - Precondition: `rank` is one of the run's.
    public func sum<Value: AdditiveArithmetic>(ofRank rank: Int, _ value: (RankRecord) -> Value) -> Value {
        precondition((0..<run.ranks).contains(rank), "rank \(rank) is none of \(run.ranks)")
        return stride(from: rank, to: rankTotals.count, by: run.ranks).reduce(.zero) { $0 + value(rankTotals[$1]) }
    }
}
