import Records

/// One figure of a run, as a row of the catalogue: its names, formula, unit, and the rule that computes it.
///
/// ``catalogue`` holds the rows. The report and its schema, the rows of steps, live views, metrics, the index over
/// runs, comparisons, sweeps, requirements, tables and docs iterate it, so a new figure is a new row.
public struct Figure: Sendable {
    /// The unit of a figure.
    public enum Unit: String, Codable, CaseIterable, Sendable {
        /// Seconds.
        case seconds
        /// A rate per second, for example of tokens.
        case perSecond = "per_second"
        /// A ratio without a unit.
        case ratio
        /// A part of a whole, 0 to 1 where nothing else is said.
        case share
        /// Bytes.
        case bytes
        /// A plain count, for example of copies or tokens.
        case count
    }

    /// The direction in which a figure is better.
    public enum Better: String, Codable, Sendable {
        /// The smaller value is better.
        case lower
        /// The larger value is better.
        case higher
        /// Neither direction is better.
        case neither
    }

    /// The form of a figure in a report: four statistics, one number, or one whole number.
    public enum Form: Equatable, Sendable {
        /// Mean, median, 90th percentile and maximum.
        case spread
        /// A number, or null where it is not known.
        case number
        /// A whole number.
        case whole
    }

    /// The rule that computes a figure from the records of a run.
    enum Rule: Sendable {
        /// The spread of a value per (step, layer); a layer whose value is nil does not count.
        case spread(@Sendable (LayerSample) -> Double?)
        /// The spread of a value per step; a step whose value is nil does not count.
        case spreadOverSteps(@Sendable (StepPace) -> Double?)
        /// The mean of a value per (step, layer); a layer whose value is nil does not count.
        case mean(@Sendable (LayerSample) -> Double?)
        /// The sum of an amount over all layers of all steps.
        case total(Amount)
        /// The sum of an amount over the layers of a step, mean over steps.
        case perStep(Amount)
        /// The sum of an amount of seconds over all layers of all steps / the seconds of all steps.
        case shareOfTime(Amount)
        /// The sum of the first amount / the sum of the second, over all layers of all steps in which both are known.
        case ratio(Amount, Amount)
        /// The largest ratio of the first amount to the second in any one (step, layer).
        case largestRatio(Amount, Amount)
        /// A value that the caller sets, because records alone do not give it; never null where `isKnown`.
        case said(Form, isKnown: Bool)
    }

    /// The path of the figure in `report.json`, keys joined by dots: the one name of the figure.
    public let path: String
    /// Shorter names for requirements.
    public let aliases: [String]
    /// Names of the columns in tables of sweeps, one per statistic, where they are not the path with `_` for `.`.
    let columns: [String]
    /// The title in tables.
    public let title: String
    /// The heading of columns and lines that have no room for the title, and what the value counts: `per rank` and
    /// `tokens/s`. Both are the title's where the row gives none.
    public let heading: (name: String, counts: String)
    /// What the value counts, in a sentence or along an axis: `tokens/s per rank`.
    public var measure: String { "\(heading.counts) \(heading.name)" }
    /// The formula in a few words, for tables.
    public let formula: String
    /// The definition in words: how the figure is computed, and from which quantities.
    public let definition: String
    /// The unit of the value.
    public let unit: Unit
    /// The direction in which the figure is better: lower, higher or neither.
    public let better: Better
    /// The statistics of a spread that are compared and stand in the tables of sweeps.
    public let statistics: [Statistic]
    /// The statistic that is meant where only the figure is named.
    public let headline: Statistic
    /// True where comparisons and tables of sweeps have the figure; false where it adds nothing to another figure.
    public let isCompared: Bool
    /// True for the figures that a chart shows first.
    public let isMain: Bool
    let rule: Rule
    /// The part of the report that holds the figure.
    public let section: Section
    /// The key in the row of a step and in names of metrics: the path after `load`, with `_` for dots; nil for figures
    /// that a step does not have.
    public let stepKey: String?

    /// A figure as a row of the catalogue.
    init(
        _ path: String,
        aliases: [String] = [],
        columns: [String] = [],
        _ title: String,
        heading: (name: String, counts: String)? = nil,
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
        self.heading = heading ?? (title, "")
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

    /// The form of the figure in a report.
    public var form: Form {
        switch rule {
        case .spread, .spreadOverSteps: .spread
        case .total: .whole
        case .mean, .perStep, .shareOfTime, .ratio, .largestRatio: .number
        case .said(let form, _): form
        }
    }

    /// The parts of a report that have figures; a part within another one comes after it.
    public enum Section: String, CaseIterable, Sendable {
        /// The top level of the report.
        case top = ""
        /// The spread of routed copies over ranks and experts.
        case load
        /// The slowest rank, and the cost of imbalance.
        case balance
        /// The time of a step by phase.
        case time
        /// The times of the measured steps by the modelled clock of this machine.
        case prediction
        /// Time and bytes of dispatch and combine.
        case communication
        /// Bytes of token rows between ranks.
        case traffic = "communication.traffic"
        /// The bounds on predicted steps, and the time saved without each.
        case limits
        /// The processor time of the coordinator's own thread.
        case coordinator
        /// The comparison of outputs with a plain loop over experts.
        case verification
    }

    /// The keys of the figure's path below its section.
    var keys: [Substring] { path.dropFirst(section.rawValue.count).split(separator: ".") }

    /// True for figures that are never null in a report that has their section.
    var isAlwaysKnown: Bool {
        switch rule {
        case .total: true
        case .said(_, let isKnown): isKnown
        case .spread, .spreadOverSteps, .mean, .perStep, .shareOfTime, .ratio, .largestRatio: false
        }
    }

    /// Keys in rows of steps that do not follow the rule for ``stepKey``, by the path of the figure.
    private static let earlierStepKeys = [
        "load.expert.maxvio": "maxvio", "load.dropped.tokens": "tokens_without_expert",
    ]

    /// The figures of one part of the report, in order.
    public static func all(in section: Section) -> [Figure] { bySection[section] ?? [] }

    private static let bySection = Dictionary(grouping: catalogue, by: \.section)
}

/// What the figures of a step as a whole follow from.
struct StepPace: Sendable {
    /// Tokens of the step.
    let tokens: Int
    /// Seconds from tokens in to outputs combined.
    let seconds: Double
    /// Ranks of the run.
    let ranks: Int
}

/// A quantity that is counted in every (step, layer) and summed, for example dropped copies or bytes.
public struct Amount: Sendable {
    /// The name of the metric, without prefix and suffix, for example `copies_dropped`; nil where no metric counts the
    /// amount.
    public let metric: String?
    /// The description of the amount, in a line.
    public let meaning: String
    /// True where the metric also has a value for each layer.
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
