import Basics
public import Records

/// A part of a report that has figures of the catalogue.
public protocol FigureSection: Codable, Equatable, Sendable {
    /// The section of the report that holds these figures.
    static var section: Figure.Section { get }
    /// The values of the figures of this section.
    var figures: FigureValues { get }
    /// Create the section from the values of its figures.
    init(figures: FigureValues)
}

extension FigureSection {
    /// Read the figures of the section; a figure that is missing, as in reports of earlier versions, is not known.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: JSONKey.self)
        self.init(figures: try FigureValues(from: container, section: Self.section))
    }

    /// Write the figures of the section.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: JSONKey.self)
        try figures.encode(to: &container, section: Self.section)
    }
}

/// Processor seconds of the coordinator's own thread per step, by kind of work, overlapped or not: summed over layers,
/// mean over steps.
public struct CoordinatorFigures: FigureSection {
    /// The section of the report that holds these figures.
    public static let section = Figure.Section.coordinator
    /// The values of the figures of this section.
    public let figures: FigureValues

    /// Create the section from the values of its figures.
    public init(figures: FigureValues) { self.figures = figures }
}

/// The slowest rank's experts and the time that perfect balance would save.
///
/// Seconds of compute are compared per (step, layer) and never summed over layers first: that would hide imbalance.
public struct BalanceFigures: FigureSection {
    /// The section of the report that holds these figures.
    public static let section = Figure.Section.balance
    /// The values of the figures of this section.
    public let figures: FigureValues

    /// Create the section from the values of its figures.
    public init(figures: FigureValues) { self.figures = figures }

    /// The balance of recorded steps of a run on `ranks` ranks; `sums` accumulates the figures of the same steps.
    public init(_ steps: [StepRecord], ranks: Int, _ sums: FigureAccumulator) {
        var slowest = [Int](repeating: 0, count: ranks)
        for layer in steps.lazy.flatMap(\.layers) {
            let seconds = layer.computeSeconds(ofRanks: ranks) ?? []
            if let rank = seconds.indices.max(by: { seconds[$0] < seconds[$1] }) { slowest[rank] += 1 }
        }
        var figures = sums.values(of: Self.section)
        if let rank = slowest.indices.max(by: { slowest[$0] < slowest[$1] }), slowest[rank] > 0 {
            figures[whole: .busiestRank] = rank
            figures[whole: .busiestLayers] = slowest[rank]
        }
        self.figures = figures
    }
}

/// A type whose keys in JSON are described.
///
/// Keys that are figures need no description of their own: the catalogue has it.
public protocol KeyMeanings {
    /// The meaning of each key of the JSON, by the key in snake case.
    static var meanings: [String: String] { get }
}
