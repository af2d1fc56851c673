public import Basics
public import Figures
public import Records

/// The report of a run: the description of the run, its verdict, and its figures.
///
/// As JSON (see ``json()``) its keys are the properties in snake case. ``definitions`` says for each figure how it is
/// computed and in which unit.
public struct Report: Codable, Equatable, Sendable {
    /// The version of the layout of `report.json` that this library writes and reads.
    public static let schemaVersion = 1

    /// The SHA-256 digest of all outputs of a run.
    public struct Output: Codable, Equatable, Sendable {
        /// 64 hexadecimal digits over the outputs of all measured steps in token order, or nil when there are none.
        @OrNull public internal(set) var sha256: String?
    }

    /// The numbers of samples, one sample per (step, layer, rank).
    public struct Samples: Codable, Equatable, Sendable {
        /// The number of samples of a complete run.
        public let expected: Int
        /// The number of samples that were recorded.
        public let recorded: Int
    }

    /// The version of the layout that this report has.
    public let schemaVersion: Int
    /// The verdict on the run.
    public let status: RunStatus
    /// The reasons for which the status is not `valid`; empty when it is.
    public let reasons: [String]
    /// What the figures rest on and the configuration does not show, for example a family that was forced on a
    /// checkpoint; nil in reports of versions that lack it.
    public private(set) var notes: [String]?
    /// Warnings to read before comparing figures; they do not touch the verdict.
    public let warnings: [String]
    /// The clock of every time in the report.
    public let clock: StepClock
    /// The seed of the run.
    public let seed: UInt64
    /// Number of workers, R.
    public let workers: Int
    /// The number of measured steps that were recorded.
    public let steps: Int
    /// The numbers of samples expected and recorded.
    public let samples: Samples
    /// The description of the run: configuration, input and machines.
    public let run: RunDescription
    /// The comparison of outputs with a plain loop over experts.
    public let verification: Verification
    /// The digest of the outputs.
    public let output: Output
    /// The rebalances of the run, in order; nil where experts do not move.
    public internal(set) var rebalances: [RebalanceRecord]?
    /// The spread of routed copies over ranks and experts.
    public let load: LoadFigures
    /// The rank that limits the steps, and the cost of imbalance; nil in reports of versions that lack the figures.
    public private(set) var balance: BalanceFigures?
    /// The time of a step by phase.
    public let time: TimeFigures
    /// Tokens per second of each step (its tokens / its seconds), summarised over steps; p90 is a fast step.
    public let tokensPerSecond: Spread
    /// Tokens per second of each rank, summarised over steps; without values in reports of versions that lack the
    /// figure.
    @LaterSpread public var tokensPerSecondPerRank: Spread
    /// The times of the same steps by the modelled clock of this machine, or nil when it is not calibrated.
    @OrNull public private(set) var prediction: PredictionFigures?
    /// Time and bytes of dispatch and combine.
    public let communication: CommunicationFigures
    /// The bounds on the time of predicted steps and the saving without each, or nil for a live run.
    @OrNull public internal(set) var limits: LimitFigures?
    /// The processor time of the coordinator's own thread.
    public let coordinator: CoordinatorFigures
    /// One row per measured step, in order: means over its layers.
    public let perStep: [StepFigures]
    /// One row per (layer, rank), by layer, then rank.
    public let ranks: [RankFigures]
    /// One row per rank, all layers together.
    public let rankTotals: [RankFigures]
    /// The definition of each figure, with its unit, by the path of the figure's key.
    public let definitions: [String: String]
    /// The results of the requirements that the run was checked against; see ``check(_:)``.
    public private(set) var requirements: [RequirementResult]

    /// The report of a run, from its records to its figures.
    ///
    /// - Parameters:
    ///   - description: the description of the run.
    ///   - steps: the measured steps in order, without warm-up.
    ///   - end: the end of the run.
    ///   - verification: the tokens that were compared; `Verification/none` when none were.
    ///   - outputDigest: SHA-256 of all outputs in token order, 64 hexadecimal digits.
    ///   - limits: the bounds on the steps, for a prediction.
    ///   - prediction: the modelled times of the steps, where the machine is calibrated.
    ///   - rebalances: the rebalances of the run, or nil where experts do not move.
    ///   - notes: what the figures rest on and the configuration does not show.
    ///   - warnings: further warnings, which only the caller can know of.
    /// - Throws: ``ReportError`` when the records cannot be of the run that `description` describes.
    public init(
        description: RunDescription,
        steps: [StepRecord],
        end: RunEnd,
        verification: Verification = .none,
        outputDigest: String? = nil,
        limits: StepLimits? = nil,
        prediction: HostPrediction? = nil,
        rebalances: [RebalanceRecord]? = nil,
        notes: [String] = [],
        warnings: [String] = []
    ) throws(ReportError) {
        let check = try RecordCheck(steps, of: description)
        let ranks = description.workers.count
        let each = steps.map { FigureAccumulator([$0], ranks: ranks, keepsValues: true) }
        let sums = each.reduce(into: FigureAccumulator(keepsValues: true)) { $0.add($1) }
        let time = TimeFigures(steps, ranks: ranks, sums)
        let stepSeconds = time.figures[spread: .stepSeconds]
        let verdict = Verdict(
            end: end,
            steps: steps.count,
            check: check,
            residual: time.residual,
            clock: description.clock,
            verification: verification,
            isEmpty: sums.isWithoutLoad
        )
        schemaVersion = Self.schemaVersion
        status = verdict.status
        reasons = verdict.reasons
        self.notes = notes
        self.warnings = Warnings.all(description, stepSeconds: stepSeconds.mean) + warnings
        clock = description.clock
        seed = description.seed
        workers = ranks
        self.steps = steps.count
        samples = Samples(expected: check.expected, recorded: check.recorded)
        run = description
        self.verification = verification
        output = Output(sha256: outputDigest)
        self.rebalances = rebalances
        load = LoadFigures(sums)
        balance = BalanceFigures(steps, ranks: ranks, sums)
        self.time = time
        self.prediction = prediction.map { PredictionFigures($0, measured: stepSeconds) }
        let top = sums.values(of: .top)
        tokensPerSecond = top[spread: .tokensPerSecond]
        _tokensPerSecondPerRank = LaterSpread(wrappedValue: top[spread: .tokensPerSecondPerRank])
        communication = CommunicationFigures(steps, ranks: ranks, sums)
        coordinator = CoordinatorFigures(figures: sums.values(of: CoordinatorFigures.section))
        self.limits = limits.map { LimitFigures($0) }
        perStep = zip(steps, each).map { StepFigures($0, $1) }
        self.ranks = RankFigures.rows(steps, description)
        rankTotals = RankFigures.totals(self.ranks)
        let absent = [
            prediction == nil ? PredictionFigures.section : nil,
            limits == nil ? LimitFigures.section : nil,
        ].compactMap { $0 }
        definitions = Figure.definitions.filter { path, _ in !absent.contains { path.hasPrefix($0.rawValue + ".") } }
        requirements = []
    }

    /// All figures of the catalogue that the report has, of all its parts.
    public var figures: FigureValues {
        var own = FigureValues()
        own[spread: .tokensPerSecond] = tokensPerSecond
        own[spread: .tokensPerSecondPerRank] = tokensPerSecondPerRank
        let parts = [
            own, load.figures, time.figures, communication.figures, coordinator.figures, verification.figures,
        ]
        return FigureValues(parts + [balance?.figures, prediction?.figures, limits?.figures].compactMap(\.self))
    }

    /// Check the figures against requirements and keep the results in ``requirements``.
    public mutating func check(_ requirements: [Requirement]) {
        self.requirements += requirements.map { $0.evaluate(self) }
    }
}

/// A spread that reports of earlier versions lack; it has no values then.
@propertyWrapper
public struct LaterSpread: Codable, Equatable, Sendable {
    /// The spread.
    public let wrappedValue: Spread

    /// Wrap a spread.
    public init(wrappedValue: Spread) { self.wrappedValue = wrappedValue }

    /// Read the spread.
    public init(from decoder: any Decoder) throws { wrappedValue = try Spread(from: decoder) }

    /// Write the spread.
    public func encode(to encoder: any Encoder) throws { try wrappedValue.encode(to: encoder) }
}

extension KeyedDecodingContainer {
    /// Read a spread that may be missing.
    func decode(_ type: LaterSpread.Type, forKey key: Key) throws -> LaterSpread {
        LaterSpread(wrappedValue: contains(key) ? try decode(Spread.self, forKey: key) : Spread([]))
    }
}

extension Report.Output: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "sha256":
            "64 hexadecimal digits over the outputs of all measured steps in token order, or null when there are none."
    ]
}

extension Report.Samples: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "expected": "Samples that a complete run has, one per (step, layer, rank).",
        "recorded": "Samples that were recorded.",
    ]
}

extension Report: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "clock": "The clock of every time in the report.",
        "communication": "Time and bytes of dispatch and combine.",
        "definitions": "The formula and unit of each figure, by the path of its key.",
        "notes": "What the figures rest on and the configuration does not show; it does not touch the verdict.",
        "output": "The digest of the outputs.",
        "rebalances": "The rebalances of the run, in order; missing where experts do not move.",
        "reasons": "Why the status is not `valid`; empty when it is.",
        "requirements": "Requirements that the run was checked against.",
        "run": "The configuration, the machines and the versions of the run.",
        "samples": "Samples expected and recorded.",
        "schema_version": "Version of the layout of this JSON.",
        "seed": "The seed of the run.",
        "status": "The verdict.",
        "steps": "Measured steps that were recorded.",
        "time": "Where the time of a step goes.",
        "verification": "Tokens compared with a plain loop over experts.",
        "warnings": "Remarks to read before comparing figures; they do not touch the verdict.",
        "workers": "Number of workers, R.",
    ]
}

extension Report {
    private struct Schema: Decodable {
        let schemaVersion: Int
    }

    /// The report as JSON: keys in snake case and sorted, two spaces of indentation, a line feed at the end.
    ///
    /// - Throws: `JSONError` when a number is infinite or not a number.
    public func json() throws(JSONError) -> String {
        try JSONText.of(self, called: "the report")
    }

    /// Read a report from the JSON that ``json()`` writes.
    ///
    /// - Throws: ``ReportError`` when the text is no JSON, of another schema version, or lacks a key.
    public init(json: String) throws(ReportError) {
        let version: Int
        do {
            version = try JSONText.decode(Schema.self, from: json).schemaVersion
            if version == Self.schemaVersion {
                self = try JSONText.decode(from: json)
                return
            }
        } catch {
            throw ReportError(.json, "this is no report: it \(error)")
        }
        throw ReportError(.json, "a report of schema_version \(version); this version reads \(Self.schemaVersion)")
    }
}

extension Report {
    /// The part of a step that has to be saved before the headline names what saves it.
    private static let smallSaving = 0.01

    /// What limits the steps, in a sentence: what would save most of their time.
    public var headline: String { limitSentences[0] }

    /// What limits the steps, a sentence for each limit, the largest saving first; at least one.
    ///
    /// Of a prediction these are the bounds of the model; of a live run, the balance of the ranks and the communication
    /// that nothing hides.
    public var limitSentences: [String] {
        guard steps > 0 else { return ["No step was \(clock.rawValue), so nothing is known of what limits it."] }
        guard let balance = balance?.figures, let rank = balance[whole: .busiestRank],
            let count = balance[whole: .busiestLayers], let ratio = balance[.busiestRatio],
            let saving = limits?.figures[.savedByBalance] ?? balance[.balanceSaving]
        else {
            return ["It is not known which rank limits the step: no time of any rank's experts is."]
                + others.map(\.sentence)
        }
        let larger = others.filter { $0.saving > saving && $0.saving >= Self.smallSaving }
        let rest = others.dropFirst(larger.count).map(\.sentence)
        guard workers > 1 else {
            let alone = "One rank does all the work, so nothing can be out of balance."
            return larger.map(\.sentence) + [alone] + rest
        }
        let layers = balance[whole: .comparedLayers] ?? 0
        let cost =
            "The slowest takes \(FixedPoint.text(ratio, decimals: 2)) × the mean time of the ranks' experts; perfect "
            + "balance would save at most \(FixedPoint.text(saving * 100, decimals: 1)) % of a step."
        let often = "in \(count) of \(layers) (step, layer) pairs"
        let isOne = 2 * count >= layers
        let words =
            if saving < Self.smallSaving {
                larger.isEmpty ? "No rank limits the step by much. " : "Balance limits it little. "
            } else if !larger.isEmpty {
                isOne
                    ? "Rank \(rank) has the slowest experts \(often). "
                    : "Which rank is the slowest changes, most often it is rank \(rank), \(often). "
            } else {
                isOne
                    ? "Rank \(rank) limits the step: its experts are the slowest \(often). "
                    : "No single rank limits the step: which is the slowest changes, most often it is rank \(rank), "
                        + "\(often). "
            }
        return larger.map(\.sentence) + [words + cost] + rest
    }

    /// The limits beside the balance of ranks, the largest saving first, each with its part of a step.
    private var others: [(saving: Double, sentence: String)] {
        if let limits {
            return limits.bounds(withBalance: false).map { bound in
                (bound.saving, bound.sentence.prefix(1).uppercased() + bound.sentence.dropFirst() + ".")
            }
        }
        guard clock == .measured, let share = figures[.exposedShare], share >= Self.smallSaving else { return [] }
        let percent = FixedPoint.text(share * 100, decimals: 1)
        return [
            (
                share,
                "Communication in no time would save at most \(percent) % of a step: so long data travels while nothing computes."
            )
        ]
    }
}
