import Basics
public import Figures

/// The figures of one run of a sweep, taken from its report, by the names of their columns.
public struct PointFigures: Codable, Equatable, Sendable {
    /// A figure that only a sweep has.
    public enum Extra: String, CaseIterable, Sendable {
        /// `Figure/maxvio` (max / mean load over experts - 1), mean over the last tenth of the steps; nil where the
        /// router does not learn.
        case maxvioEnd = "maxvio_end"
        /// The first balance loss that the router reports, without its coefficient, mean over (step, layer).
        case balanceLoss = "balance_loss"
        /// `Figure/layersWithoutLoad`: (step, layer) pairs in which nothing was routed.
        case withoutLoad = "layers_without_load"
        /// Processes that compute on the host that has most of them per core; nil for a prediction.
        case busyProcesses = "busy_processes"
        /// Processor cores of the host that has most computing processes per core; nil for a prediction.
        case cores
    }

    /// The columns, in order: the figures that are compared, then those that only a sweep has.
    public static let columns = FigureName.compared.map(\.sweepColumn) + Extra.allCases.map(\.rawValue)

    private var values: [String: Double] = [:]

    /// True where more processes computed than there are cores: measured times then show sharing as well as work.
    public var isOversubscribed: Bool { (self[.busyProcesses] ?? 0) > (self[.cores] ?? .infinity) }

    /// Create figures without values.
    public init() {}

    /// Take the figures of a run from its report.
    public init(_ report: Report) {
        let figures = report.figures
        for name in FigureName.compared { values[name.sweepColumn] = figures[name] }
        self[.withoutLoad] = figures[.layersWithoutLoad]
        self[.balanceLoss] = report.load.losses.first?.value.mean
        if report.run.routerLearns {
            let last = report.perStep.suffix(max(1, report.perStep.count / 10))
            self[.maxvioEnd] = Average.of(last.compactMap { $0[.maxvio] })
        }
        guard report.clock == .measured else { return }
        let fullest = report.run.hosts.max { $0.busyProcesses * $1.cores < $1.busyProcesses * $0.cores }
        self[.busyProcesses] = fullest.map { Double($0.busyProcesses) }
        self[.cores] = fullest.map { Double($0.cores) }
    }

    /// The value of a figure of the catalogue, or of one of its statistics; nil where the run has none.
    public subscript(name: FigureName) -> Double? {
        get { values[name.sweepColumn] }
        set { values[name.sweepColumn] = newValue }
    }

    /// The headline statistic of a figure of the catalogue, or nil where the run has none.
    public subscript(figure: Figure) -> Double? {
        get { self[FigureName(figure)] }
        set { self[FigureName(figure)] = newValue }
    }

    /// The value of a figure that only a sweep has, or nil where the run has none.
    public subscript(extra: Extra) -> Double? {
        get { values[extra.rawValue] }
        set { values[extra.rawValue] = newValue }
    }

    /// Return the value of a column as text, or nil where it has none; counts are written without a fraction.
    public func text(_ column: String) -> String? {
        values[column].map { Self.counts.contains(column) ? "\(Self.count($0))" : "\($0)" }
    }

    private static func count(_ value: Double) -> Int { Int(exactly: value.rounded()) ?? .max }

    private static let counts = Set([Extra.withoutLoad, .busyProcesses, .cores].map(\.rawValue))

    /// Read figures; columns that a sweep of an earlier version lacks have no values.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: JSONKey.self)
        for column in Self.columns {
            let key = JSONKey(snake: column)
            guard container.contains(key) else { continue }
            values[column] =
                Self.counts.contains(column)
                ? try container.decode(OrNull<Int>.self, forKey: key).wrappedValue.map { Double($0) }
                : try container.decode(OrNull<Double>.self, forKey: key).wrappedValue
        }
    }

    /// Write every column, `null` where there is no value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: JSONKey.self)
        for column in Self.columns {
            let key = JSONKey(snake: column)
            if Self.counts.contains(column) {
                try container.encode(OrNull(wrappedValue: values[column].map(Self.count)), forKey: key)
            } else {
                try container.encode(OrNull(wrappedValue: values[column]), forKey: key)
            }
        }
    }
}
