import Records

/// A figure of a run: one row of the catalogue, which is all that epsim knows about it.
///
/// ``catalogue`` holds the rows. The report and its schema, the rows of steps, live views, metrics, the index over runs,
/// comparisons, sweeps, requirements, tables and docs iterate it, so a new figure is a new row.
public struct Figure: Sendable {
    /// What a figure is counted in.
    public enum Unit: String, Codable, CaseIterable, Sendable {
        /// Seconds.
        case seconds
        /// Per second.
        case perSecond = "per_second"
        /// A ratio without a unit.
        case ratio
        /// A part of a whole, 0 to 1 where nothing else is said.
        case share
        /// Bytes.
        case bytes
        /// A number of things.
        case count
    }

    /// Which way is better.
    public enum Better: String, Codable, Sendable {
        /// The smaller.
        case lower
        /// The larger.
        case higher
        /// Neither.
        case neither
    }

    /// What a report has of a figure.
    public enum Form: Equatable, Sendable {
        /// Mean, median, 90th percentile and maximum.
        case spread
        /// A number, or nothing where it is not known.
        case number
        /// A whole number.
        case whole
    }

    /// How a figure follows from the records of a run.
    enum Rule: Sendable {
        /// A value per (step, layer), or nil where the layer does not count: its spread over those that do.
        case spread(@Sendable (LayerSample) -> Double?)
        /// A value per step: its spread over steps.
        case spreadOverSteps(@Sendable (StepRecord) -> Double?)
        /// A value per (step, layer), or nil where the layer does not count: the mean over those that do.
        case mean(@Sendable (LayerSample) -> Double?)
        /// The sum over all layers of all steps.
        case total(Amount)
        /// The sum over layers, mean over steps.
        case perStep(Amount)
        /// The sum over all layers of all steps / the seconds of all steps.
        case shareOfTime(Amount)
        /// The sum of the first / the sum of the second, over all layers of all steps in which both are known.
        case ratio(Amount, Amount)
        /// The largest such ratio of one (step, layer).
        case largestRatio(Amount, Amount)
        /// It does not follow from records alone: whoever knows it says it, where `isKnown` in every part that has it.
        case said(Form, isKnown: Bool)
    }

    /// Where `report.json` has it, keys with dots between them: the one name of the figure.
    public let path: String
    /// Shorter names for requirements.
    public let aliases: [String]
    /// Names of its columns in tables of sweeps, one per statistic, where they were given before there was a rule.
    let columns: [String]
    /// What it is called in tables.
    public let title: String
    /// The formula in a few words, for tables.
    public let formula: String
    /// How it is computed and from what, in words; where it is about a (step, layer), for one.
    public let definition: String
    /// Its unit.
    public let unit: Unit
    /// Which way is better.
    public let better: Better
    /// The statistics of a spread that are compared and stand in the tables of sweeps.
    public let statistics: [Statistic]
    /// The one that is meant where only the figure is named.
    public let headline: Statistic
    /// False for what says nothing beside another figure: it is reported, and neither compared nor a column of sweeps.
    public let isCompared: Bool
    /// True for the figures that a chart shows first.
    public let isMain: Bool
    let rule: Rule
    /// The part of the report that has it.
    public let section: Section
    /// The key in a row of a step and in the names of metrics: the path behind `load`, with `_` for dots; nil for figures
    /// that a step does not have.
    public let stepKey: String?

    /// A row.
    init(
        _ path: String,
        aliases: [String] = [],
        columns: [String] = [],
        _ title: String,
        _ formula: String,
        _ definition: String,
        _ unit: Unit,
        _ better: Better,
        statistics: [Statistic] = [.mean],
        headline: Statistic = .mean,
        isCompared: Bool = true,
        isMain: Bool = false,
        _ rule: Rule
    ) {
        self.path = path
        self.aliases = aliases
        self.columns = columns
        self.title = title
        self.formula = formula
        self.definition = definition
        self.unit = unit
        self.better = better
        self.statistics = statistics
        self.headline = headline
        self.isCompared = isCompared
        self.isMain = isMain
        self.rule = rule
        section = Section.allCases.last { path.hasPrefix($0.rawValue + ".") } ?? .top
        stepKey =
            switch rule {
            case .spread where section == .load, .ratio where section == .load, .total where section == .load:
                Self.earlierStepKeys[path]
                    ?? path.dropFirst(section.rawValue.count + 1).split(separator: ".").joined(separator: "_")
            default: nil
            }
    }

    /// What a report has of it.
    public var form: Form {
        switch rule {
        case .spread, .spreadOverSteps: .spread
        case .total: .whole
        case .mean, .perStep, .shareOfTime, .ratio, .largestRatio: .number
        case .said(let form, _): form
        }
    }

    /// The parts of a report that have figures, each behind the one that holds it.
    public enum Section: String, CaseIterable, Sendable {
        /// The report itself.
        case top = ""
        /// How evenly the routed copies were spread.
        case load
        /// Which rank limits the steps.
        case balance
        /// Where the time of a step goes.
        case time
        /// What the modelled clock of this machine says.
        case prediction
        /// Time and bytes of dispatch and combine.
        case communication
        /// Token rows between ranks.
        case traffic = "communication.traffic"
        /// What bounds a prediction.
        case limits
        /// What the coordinator's own thread works.
        case coordinator
        /// Tokens compared with a plain loop over experts.
        case verification
    }

    /// The keys below its section.
    var keys: [Substring] { path.dropFirst(section.rawValue.count).split(separator: ".") }

    /// True for figures that every report has whose part has them at all.
    var isAlwaysKnown: Bool {
        switch rule {
        case .total: true
        case .said(_, let isKnown): isKnown
        case .spread, .spreadOverSteps, .mean, .perStep, .shareOfTime, .ratio, .largestRatio: false
        }
    }

    /// Keys of rows of steps that were given before there was a rule.
    private static let earlierStepKeys = [
        "load.expert.maxvio": "maxvio", "load.dropped.tokens": "tokens_without_expert",
    ]

    /// The figures of one part of the report, in order.
    public static func all(in section: Section) -> [Figure] { bySection[section] ?? [] }

    private static let bySection = Dictionary(grouping: catalogue, by: \.section)
}

/// Something that is counted in every (step, layer), and added up.
public struct Amount: Sendable {
    /// The name of the counter, without prefix and suffix, for example `copies_dropped`; nil for one that no metric counts.
    public let metric: String?
    /// What it is, in a line.
    public let meaning: String
    /// True for what is counted layer by layer in metrics, too.
    public let isPerLayer: Bool
    /// The amount in one (step, layer); nil where it is not known.
    let value: @Sendable (LayerSample) -> Double?

    init(
        _ meaning: String,
        metric: String? = nil,
        isPerLayer: Bool = true,
        _ value: @escaping @Sendable (LayerSample) -> Double?
    ) {
        self.metric = metric
        self.meaning = meaning
        self.isPerLayer = isPerLayer
        self.value = value
    }
}
