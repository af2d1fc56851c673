import Basics

/// A statistic, which reduces many values to one number.
public enum Statistic: String, Codable, CaseIterable, Sendable {
    /// Arithmetic mean.
    case mean
    /// Median.
    case p50
    /// 90th percentile.
    case p90
    /// Largest value.
    case max

    /// The statistic in words, for tables.
    public var word: String {
        switch self {
        case .mean: "mean"
        case .p50: "median"
        case .p90: "90th percentile"
        case .max: "largest"
        }
    }
}

/// The name of one number of a report: a figure and, where it is a spread, a statistic.
public struct FigureName: Sendable, CustomStringConvertible {
    /// The figure that the number belongs to.
    public let figure: Figure
    /// The statistic of the spread; nil for figures that are one number.
    public let statistic: Statistic?

    /// The name of a statistic of a figure, by default of the figure's headline statistic.
    public init(_ figure: Figure, _ statistic: Statistic? = nil) {
        self.figure = figure
        self.statistic = figure.form == .spread ? statistic ?? figure.headline : nil
    }

    /// The number called `name`: a path of the report with or without a statistic, a short name, or a column of the
    /// index or of sweeps; nil when there is none.
    public init?(_ name: String) {
        if let known = Self.byName[name] { self = known } else { return nil }
    }

    /// The error message for a name that no figure has, with the nearest name that one has.
    public static func unknown(_ name: String) -> String {
        let found = "no figure is called '\(Printable.text(name))'"
        if let dot = name.lastIndex(of: "."), let figure = FigureName(String(name[..<dot]))?.figure {
            let path = figure.path
            return figure.form == .spread
                ? "\(found), did you mean \(path).\(figure.headline.rawValue)? \(path) has "
                    + WordList.all(Statistic.allCases.map(\.rawValue))
                : "\(found), did you mean \(path)? It is one number"
        }
        let short = Figure.catalogue.flatMap(\.aliases).joined(separator: ", ")
        let nearest = NearestName.of(name, among: byName.keys.sorted()).map { ", did you mean \($0)?" } ?? ";"
        return "\(found)\(nearest) allowed are \(short), and the paths that epsim schema figures lists"
    }

    /// The path in `report.json`.
    public var description: String { figure.path + (statistic.map { ".\($0.rawValue)" } ?? "") }

    /// The title in tables; it names the statistic where tables show several statistics of the figure.
    public var title: String {
        guard let statistic, figure.statistics.count > 1 else { return figure.title }
        return "\(figure.title), \(statistic == .p90 ? statistic.rawValue : statistic.word)"
    }

    /// The name of the column in the index: the path with `_` for `.`.
    public var column: String { description.replacing(".", with: "_") }

    /// The name of the column in the tables of a sweep.
    public var sweepColumn: String {
        guard let statistic, let index = figure.statistics.firstIndex(of: statistic) else {
            return figure.columns.first ?? column
        }
        return figure.columns.indices.contains(index) ? figure.columns[index] : column
    }

    /// The numbers that are compared and stand in the tables of sweeps, in the order of the catalogue.
    public static let compared: [FigureName] = Figure.catalogue.filter { $0.isCompared && $0.form != .whole }.flatMap {
        figure in
        figure.form == .spread ? figure.statistics.map { FigureName(figure, $0) } : [FigureName(figure)]
    }

    private static let byName: [String: FigureName] = {
        var names: [String: FigureName] = [:]
        for figure in Figure.catalogue {
            for name in [figure.path] + figure.aliases { names[name] = FigureName(figure) }
            let numbers =
                figure.form == .spread ? Statistic.allCases.map { FigureName(figure, $0) } : [FigureName(figure)]
            for number in numbers {
                for name in [number.description, number.column, number.sweepColumn] {
                    names[name] = names[name] ?? number
                }
            }
        }
        return names
    }()
}
