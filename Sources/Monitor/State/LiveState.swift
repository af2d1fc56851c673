public import Figures
public import Records
internal import Synchronization

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

/// The progress of a run.
public enum LiveStage: String, Codable, CaseIterable, Sendable {
    /// It waits for workers to join and to load their experts.
    case waiting
    /// It runs steps that are not measured.
    case warmup
    /// It runs measured steps.
    case measuring
    /// All steps were run.
    case completed
    /// The user ended it.
    case interrupted
    /// It could not go on.
    case failed

    /// True when no step will come any more.
    public var isOver: Bool {
        switch self {
        case .waiting, .warmup, .measuring: false
        case .completed, .interrupted, .failed: true
        }
    }
}

/// The state of a run where several threads can get at it: one tells, others look.
public final class LiveBoard: Sendable {
    private let state: Mutex<LiveState>
    private let start = ContinuousClock.now

    /// A board for a run that begins now.
    public init(_ state: LiveState) {
        self.state = Mutex(state)
    }

    /// Seconds since the board was made.
    public var time: Double {
        let passed = (ContinuousClock.now - start).components
        return Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
    }

    /// Tell what has happened, and when.
    public func update(_ change: (inout LiveState, _ time: Double) -> Void) {
        let time = time
        state.withLock { change(&$0, time) }
    }

    /// The state as it is.
    public var current: LiveState { state.withLock { $0 } }

    /// A summary of the state as it is, made without holding up whoever tells.
    public var summary: LiveSummary { LiveSummary(current, at: time) }
}

/// Histograms of seconds, several of them over the same buckets, as Prometheus counts them.
public struct HistogramTable: Equatable, Sendable {
    /// Upper bounds of the buckets in seconds, ascending, without the last one, which is infinite.
    public let bounds: [Double]
    /// How many histograms there are.
    public let series: Int
    private var counts: [Int]
    private var sums: [Double]

    /// Buckets for the parts of a step: 10 µs to 1 s, in steps of 1, 2.5 and 5.
    public static let partBounds = [
        1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1,
    ]
    /// Buckets for whole steps: 1 ms to 100 s, in steps of 1, 2.5 and 5.
    public static let stepBounds = [
        1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100,
    ]

    /// Empty histograms.
    public init(bounds: [Double], series: Int) {
        self.bounds = bounds
        self.series = series
        counts = [Int](repeating: 0, count: series * (bounds.count + 1))
        sums = [Double](repeating: 0, count: series)
    }

    /// Count a value in one of the histograms; one that is not finite does not count.
    mutating func observe(_ seconds: Double, series index: Int) {
        guard seconds.isFinite, (0..<series).contains(index) else { return }
        var bucket = 0
        while bucket < bounds.count && seconds > bounds[bucket] { bucket += 1 }
        counts[index * (bounds.count + 1) + bucket] += 1
        sums[index] += seconds
    }

    /// Values at or below each bound, and below infinity, `[bounds + 1]`.
    public func cumulativeCounts(series index: Int) -> [Int] {
        var total = 0
        return counts[index * (bounds.count + 1)..<(index + 1) * (bounds.count + 1)].map { count in
            total += count
            return total
        }
    }

    /// The sum of the values in seconds.
    public func sum(series index: Int) -> Double { sums[index] }
}
