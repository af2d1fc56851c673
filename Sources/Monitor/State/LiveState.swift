public import Figures
public import Placement
public import Records
internal import Synchronization

/// The state of a run under way: a plain value that is updated with each event and its time.
///
/// All measured steps are kept as sums, so that means over them can be computed at any time and agree with the report;
/// the last steps are kept whole, in a window of bounded length. The state has no clock: times are in seconds on the
/// clock of the caller.
public struct LiveState: Equatable, Sendable {
    /// The number of (step, layer, rank) records of the last steps that are kept at most: few enough to draw each
    /// second.
    public static let mostRecords = 1 << 14

    /// The description of the run.
    public let run: LiveRun
    /// The progress of the run.
    public internal(set) var stage = LiveStage.waiting
    /// The number of workers that are ready.
    public internal(set) var workersReady = 0
    /// The number of warm-up steps that are still to come.
    public internal(set) var warmupLeft: Int
    /// The placement in force, once experts have moved.
    public var placement: Placement?
    /// The figures of the catalogue over all measured steps so far, with their number, tokens and seconds.
    public internal(set) var figures = FigureAccumulator()
    /// The figures of each layer over all measured steps so far, `[layers]`.
    public internal(set) var layerFigures: [FigureAccumulator]
    /// The seconds of the coordinator's phases, summed over layers and steps.
    public internal(set) var coordinatorSeconds: [Phase: Double] = [:]
    /// The histogram of the seconds of measured steps.
    public internal(set) var stepSeconds = HistogramTable(bounds: HistogramTable.stepBounds, series: 1)
    /// The histograms of the seconds of the phase dispatch per (step, layer, rank); series by ``grouping``.
    public internal(set) var dispatchSeconds: HistogramTable
    /// The histograms of the seconds of the phase combine per (step, layer, rank); series by ``grouping``.
    public internal(set) var combineSeconds: HistogramTable
    /// The sums of each rank's records in each layer, `[layers * ranks]`, layer major.
    public internal(set) var rankTotals: [RankRecord]
    /// The last measured steps.
    public internal(set) var window: StepWindow
    /// The (rank, layer) pairs that have a histogram of their own.
    public let grouping: LabelGrouping
    /// The time at which the run ended, in seconds on the caller's clock.
    public internal(set) var endTime: Double?

    /// Create the state of a run that has not begun.
    ///
    /// - Parameters:
    ///   - run: the description of the run.
    ///   - window: the number of last steps that current figures are over, at most; fewer where these hold more than
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

    /// The number of measured steps so far.
    public var steps: Int { figures.steps }

    /// The seconds until the last step is done, by the rate of the last steps; nil while that is not known.
    public var secondsLeft: Double? {
        if stage.isOver { return 0 }
        return window.stepsPerSecond.map { Double(max(run.steps - steps, 0)) / $0 }
    }
}

extension LiveState {
    /// Set the number of workers that are ready.
    public mutating func workersReady(_ count: Int) {
        workersReady = count
    }

    /// Set the number of warm-up steps that are left, when the workers are ready or a warm-up step is done.
    public mutating func warmup(left: Int) {
        warmupLeft = left
        stage = left > 0 ? .warmup : .measuring
    }

    /// Add a measured step.
    ///
    /// - Parameters:
    ///   - record: the loads and times of the step. Ranks and layers outside of the run are ignored.
    ///   - time: the time at which the step ended, in seconds on the caller's clock.
    public mutating func measured(_ record: StepRecord, at time: Double) {
        stage = .measuring
        warmupLeft = 0
        stepSeconds.observe(record.seconds, series: 0)
        for layer in record.layers where layerFigures.indices.contains(layer.layer) { add(layer, of: record) }
        let summary = StepSummary(record, ranks: run.ranks)
        figures.add(summary.figures)
        window.add(StepWindow.Entry(record: record, summary: summary, time: time))
    }

    /// Mark the run as over.
    ///
    /// - Precondition: ``LiveStage/isOver`` is true for `stage`.
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
    /// The sum of a value of one rank's records over layers and measured steps.
    ///
    /// - Precondition: `rank` is one of the run's.
    public func sum<Value: AdditiveArithmetic>(ofRank rank: Int, _ value: (RankRecord) -> Value) -> Value {
        precondition((0..<run.ranks).contains(rank), "rank \(rank) is none of \(run.ranks)")
        return stride(from: rank, to: rankTotals.count, by: run.ranks).reduce(.zero) { $0 + value(rankTotals[$1]) }
    }
}

/// The progress of a run.
public enum LiveStage: String, Codable, CaseIterable, Sendable {
    /// The run waits for workers to join and to load their experts.
    case waiting
    /// The run is in steps that are not measured.
    case warmup
    /// The run is in measured steps.
    case measuring
    /// All steps were run.
    case completed
    /// The user ended the run.
    case interrupted
    /// The run could not go on.
    case failed

    /// True when no further step will come.
    public var isOver: Bool {
        switch self {
        case .waiting, .warmup, .measuring: false
        case .completed, .interrupted, .failed: true
        }
    }
}

/// The state of a run for several threads: one updates it, others read it.
public final class LiveBoard: Sendable {
    private let state: Mutex<LiveState>
    private let start = ContinuousClock.now

    /// Create a board for a run that begins now.
    public init(_ state: LiveState) {
        self.state = Mutex(state)
    }

    /// The seconds since the board was made.
    public var time: Double {
        let passed = (ContinuousClock.now - start).components
        return Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
    }

    /// Change the state, with the time of the change in seconds.
    public func update(_ change: (inout LiveState, _ time: Double) -> Void) {
        let time = time
        state.withLock { change(&$0, time) }
    }

    /// A copy of the current state.
    public var current: LiveState { state.withLock { $0 } }

    /// The summary of the current state, made without blocking updates.
    public var summary: LiveSummary { LiveSummary(current, at: time) }
}

/// Several histograms of seconds over the same buckets, as Prometheus counts them.
public struct HistogramTable: Equatable, Sendable {
    /// The upper bounds of the buckets in seconds, ascending, without the last one, which is infinite.
    public let bounds: [Double]
    /// The number of histograms.
    public let series: Int
    private var counts: [Int]
    private var sums: [Double]

    /// The bounds of buckets for parts of a step: 10 µs to 1 s, in steps of 1, 2.5 and 5.
    public static let partBounds = [
        1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1,
    ]
    /// The bounds of buckets for whole steps: 1 ms to 100 s, in steps of 1, 2.5 and 5.
    public static let stepBounds = [
        1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100,
    ]

    /// Create empty histograms.
    public init(bounds: [Double], series: Int) {
        self.bounds = bounds
        self.series = series
        counts = [Int](repeating: 0, count: series * (bounds.count + 1))
        sums = [Double](repeating: 0, count: series)
    }

    /// Count a value in one of the histograms; a value that is not finite is ignored.
    mutating func observe(_ seconds: Double, series index: Int) {
        guard seconds.isFinite, (0..<series).contains(index) else { return }
        var bucket = 0
        while bucket < bounds.count && seconds > bounds[bucket] { bucket += 1 }
        counts[index * (bounds.count + 1) + bucket] += 1
        sums[index] += seconds
    }

    /// The numbers of values at or below each bound, and below infinity, `[bounds + 1]`.
    public func cumulativeCounts(series index: Int) -> [Int] {
        var total = 0
        return counts[index * (bounds.count + 1)..<(index + 1) * (bounds.count + 1)].map { count in
            total += count
            return total
        }
    }

    /// The sum of the values of a histogram, in seconds.
    public func sum(series index: Int) -> Double { sums[index] }
}
