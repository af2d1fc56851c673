public import CostModel
public import Records

/// The report of a run: its verdict, its figures, and what was run.
///
/// As JSON (see ``json()``) its keys are the properties in snake case. ``definitions`` says for each figure how it is
/// computed and in which unit.
public struct Report: Codable, Equatable, Sendable {
    /// The version of the JSON's layout that this library writes and reads.
    public static let schemaVersion = 1

    /// The SHA-256 of all outputs.
    public struct Output: Codable, Equatable, Sendable {
        /// 64 hexadecimal digits over the outputs of all measured steps in token order, or nil when there are none.
        @OrNull public internal(set) var sha256: String?
    }

    /// Samples, one per (step, layer, rank).
    public struct Samples: Codable, Equatable, Sendable {
        /// What a complete run has.
        public let expected: Int
        /// What was recorded.
        public let recorded: Int
    }

    /// Version of the JSON's layout.
    public let schemaVersion: Int
    /// The verdict.
    public let status: RunStatus
    /// Why the status is not `valid`; empty when it is.
    public let reasons: [String]
    /// What a reader should know before comparing figures; does not touch the verdict.
    public let warnings: [String]
    /// The clock of every time in the report.
    public let clock: ReportClock
    /// The seed of the run.
    public let seed: UInt64
    /// Number of workers, R.
    public let workers: Int
    /// Measured steps that were recorded.
    public let steps: Int
    /// Samples expected and recorded.
    public let samples: Samples
    /// What was run, where and with what.
    public let run: RunDescription
    /// Tokens compared with a plain loop over experts.
    public let verification: Verification
    /// The digest of the outputs.
    public let output: Output
    /// How evenly the routed copies were spread.
    public let load: LoadFigures
    /// Which rank limits the steps, and what that costs; absent in reports of versions that did not say.
    public private(set) var balance: BalanceFigures?
    /// Where the time of a step goes.
    public let time: TimeFigures
    /// Tokens of a step / its seconds, over steps: p90 is a fast step.
    public let tokensPerSecond: Spread
    /// What the modelled clock of this machine says of the same steps, or nil when it is not calibrated.
    @OrNull public private(set) var prediction: PredictionFigures?
    /// Time and bytes of dispatch and combine.
    public let communication: CommunicationFigures
    /// What bounds the steps, or nil for a live run.
    @OrNull public internal(set) var limits: LimitFigures?
    /// What the coordinator's own thread works.
    public let coordinator: CoordinatorFigures
    /// One row per measured step, in order: means over its layers.
    public let perStep: [StepFigures]
    /// One row per (layer, rank), by layer, then rank.
    public let ranks: [RankFigures]
    /// One row per rank: its layers together.
    public let rankTotals: [RankFigures]
    /// How each figure is computed, and its unit, by the path of its key.
    public let definitions: [String: String]
    /// Requirements that the run was checked against; see ``check(_:)``.
    public private(set) var requirements: [RequirementResult]

    /// The report of a run, from its records to its figures.
    ///
    /// - Parameters:
    ///   - description: what was run.
    ///   - steps: the measured steps in order, without warm-up.
    ///   - end: how the run ended.
    ///   - verification: what was compared; ``Verification/none`` when nothing was.
    ///   - outputDigest: SHA-256 of all outputs in token order, 64 hexadecimal digits.
    ///   - limits: what bounds the steps, for a prediction.
    ///   - prediction: what the modelled clock says of the steps, where the machine is calibrated.
    ///   - notes: further warnings, which only the caller can know of.
    /// - Throws: ``ReportError`` when the records cannot be of the run that `description` describes.
    public init(
        description: RunDescription,
        steps: [StepRecord],
        end: RunEnd,
        verification: Verification = .none,
        outputDigest: String? = nil,
        limits: StepLimits? = nil,
        prediction: HostPrediction? = nil,
        notes: [String] = []
    ) throws(ReportError) {
        let check = try RecordCheck(steps, of: description)
        let time = TimeFigures(steps, ranks: description.workers.count)
        let verdict = Verdict(
            end: end,
            steps: steps.count,
            check: check,
            residual: time.residual,
            clock: description.clock,
            verification: verification
        )
        schemaVersion = Self.schemaVersion
        status = verdict.status
        reasons = verdict.reasons
        warnings = Warnings.all(description, stepSeconds: time.stepSeconds.mean) + notes
        clock = description.clock
        seed = description.seed
        workers = description.workers.count
        self.steps = steps.count
        samples = Samples(expected: check.expected, recorded: check.recorded)
        run = description
        self.verification = verification
        output = Output(sha256: outputDigest)
        load = LoadFigures(steps, ranks: description.workers.count)
        balance = BalanceFigures(steps, ranks: description.workers.count)
        self.time = time
        self.prediction = prediction.map { PredictionFigures($0, measured: time.stepSeconds) }
        tokensPerSecond = Spread(steps.map { Double($0.tokens) / $0.seconds })
        communication = CommunicationFigures(steps, ranks: description.workers.count)
        coordinator = CoordinatorFigures(steps)
        self.limits = limits.map { LimitFigures($0) }
        perStep = steps.map { StepFigures($0, ranks: description.workers.count) }
        ranks = RankFigures.rows(steps, description)
        rankTotals = RankFigures.totals(ranks)
        definitions = FigureDefinitions.byPath
        requirements = []
    }

    /// Checks the figures against requirements and keeps the results in ``requirements``.
    public mutating func check(_ requirements: [Requirement]) {
        self.requirements += requirements.map { $0.evaluate(self) }
    }
}
