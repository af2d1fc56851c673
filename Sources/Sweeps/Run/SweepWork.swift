import Basics
public import Reports

/// The work of a sweep: its finished and its unfinished runs.
public struct SweepWork {
    /// One run of a point.
    public struct Run: Sendable {
        /// The point that is run.
        public let point: SweepPoint
        /// The name of the run, and of its folder.
        public let name: PointName
    }

    /// The plan of the sweep.
    public let plan: SweepPlan
    /// All runs in their order: every point once, then every point again, so that a change in the speed of the machine
    /// affects all points.
    public let runs: [Run]
    /// The estimate of how long the runs take.
    public private(set) var estimate: SweepEstimate
    /// The number of runs in the folder that belong to no point of this sweep; an earlier version of the sweep file
    /// left them.
    public let others: Int
    private var records: [PointName: PointRecord] = [:]
    /// Runs that failed before and are to run again; until then the summary shows them as failed.
    private let failedBefore: [PointName: PointRecord]
    private var tokensLeft: Double

    /// Create the work of a plan.
    ///
    /// - Parameter earlier: the records of runs that finished or failed before.
    public init(_ plan: SweepPlan, earlier: [PointName: PointRecord]) {
        self.plan = plan
        runs = (1...plan.file.repeats).flatMap { turn in
            plan.points.map { Run(point: $0, name: PointName(point: $0.id, repeat: turn)) }
        }
        estimate = SweepEstimate(clock: plan.file.clock)
        tokensLeft = runs.reduce(0) { $0 + $1.point.tokens }
        failedBefore = earlier.filter { $1.status == .failed }
        let known = runs.filter { earlier[$0.name] != nil }
        others = earlier.count - known.count
        for run in known {
            if let record = earlier[run.name], record.status != .failed { add(record, run) }
        }
    }

    /// The runs that have not ended, in their order.
    public var left: [Run] { runs.filter { records[$0.name] == nil } }

    /// The number of runs that have ended.
    public var done: Int { records.count }

    /// The estimated time of the unfinished runs, in seconds.
    public var secondsLeft: Double { estimate.seconds(runs: runs.count - done, tokens: tokensLeft) }

    /// The number of runs that failed.
    public var failures: Int { records.values.count { $0.status == .failed } }

    /// Add the record of a run that has ended, and learn from its time.
    mutating func add(_ record: PointRecord, _ run: Run) {
        records[run.name] = record
        tokensLeft -= run.point.tokens
        if record.status != .failed { estimate.add(record, run.point) }
    }

    /// The summary of the runs that have ended, in their order.
    public var summary: SweepSummary {
        let rows = runs.compactMap { run in
            (records[run.name] ?? failedBefore[run.name]).map {
                SweepRow(parameters: run.point.parameters, set: run.point.set, record: $0)
            }
        }
        return SweepSummary(keys: plan.file.keys, keysOfSome: plan.keysOfSome, rows: rows)
    }

    /// The rule by which points are compared with ideal scaling, or nil where the file names no ideal.
    public var rule: ScalingRule? {
        let file = plan.file
        return file.ideal.map { ScalingRule(ideal: $0, scale: file.scale, keysBesideScale: file.keysBesideScale) }
    }
}

/// An estimate of the time of a sweep's runs: from the runs that have ended, else a guess.
public struct SweepEstimate: Sendable {
    /// The guess for a measured run: the start of its processes, in seconds, and tokens per second, warm-up included.
    static let guessedStart = 0.5
    static let guessedTokensPerSecond = 10_000.0
    /// The guess for a predicted run, in seconds.
    static let guessedPrediction = 0.02

    private let clock: StepClock
    private var seconds = 0.0
    private var tokens = 0.0
    private var runs = 0

    init(clock: StepClock) {
        self.clock = clock
    }

    /// Take a run that has ended into account.
    mutating func add(_ record: PointRecord, _ point: SweepPoint) {
        seconds += record.seconds
        tokens += point.tokens
        runs += 1
    }

    /// The estimated time of some runs, in seconds.
    ///
    /// - Parameters:
    ///   - runs: the number of runs.
    ///   - tokens: the sum of ``SweepPoint/tokens`` over the runs.
    public func seconds(runs: Int, tokens: Double) -> Double {
        switch clock {
        case .modelled where self.runs > 0: seconds / Double(self.runs) * Double(runs)
        case .measured where self.tokens > 0: seconds / self.tokens * tokens
        case .measured: Double(runs) * Self.guessedStart + tokens / Self.guessedTokensPerSecond
        case .modelled: Double(runs) * Self.guessedPrediction
        }
    }

    /// The basis of the estimate, in words.
    public var basis: String {
        switch clock {
        case .measured where runs > 0:
            "estimated from \(Counted.text(runs, "finished run")), in proportion to steps x tokens"
        case .modelled where runs > 0: "estimated from \(Counted.text(runs, "finished point"))"
        case .measured:
            "a guess, since no run has ended yet: \(Self.guessedStart) s and \(Int(Self.guessedTokensPerSecond)) tokens "
                + "per second (steps x tokens, warm-up included)"
        case .modelled: "a guess, since no point has ended yet: \(Int(Self.guessedPrediction * 1000)) ms each"
        }
    }
}

/// The list of points that `epsim sweep --dry-run` prints.
public struct SweepListing {
    private let work: SweepWork
    private let out: String

    /// Create the list of a sweep.
    ///
    /// - Parameter out: the folder of the results.
    public init(work: SweepWork, out: String) {
        self.work = work
        self.out = out
    }

    /// The table of points with the time that a run of each will take, and the sum, in lines of at most `width`
    /// characters where possible.
    public func text(width: Int) -> String {
        let plan = work.plan
        var table = TextTable(
            columns: [
                TextTable.Column("point", alignment: .left), TextTable.Column("seed"),
                TextTable.Column("runs left"), TextTable.Column("seconds", unit: "each"),
                TextTable.Column("parameters", alignment: .left, isWrapped: true),
            ]
        )
        let left = work.left.reduce(into: [:]) { $0[$1.point.id, default: 0] += 1 }
        for point in plan.points {
            let seconds = FixedPoint.text(work.estimate.seconds(runs: 1, tokens: point.tokens), decimals: 1)
            let values = (point.parameters + point.set).label
            table.append([point.id, "\(point.seed)", "\(left[point.id] ?? 0)", seconds, values])
        }
        let lines = table.lines(width: width)
        let (runs, done) = (work.runs.count, work.done)
        let sum = DurationText.of(work.secondsLeft)
        let total = "\(runs - done) of \(runs) runs left for \(out), about \(sum): \(work.estimate.basis)"
        return (lines + LineWrap.lines(total, width: width)).joined(separator: "\n") + "\n"
    }
}
