import Basics
import Figures
import MoE

/// The figures of a report as rows of comma-separated values.
enum FigureRows {
    /// The names of the columns. `value` is the mean of a figure that is a spread; the next three are empty for others.
    static let columns = ["path", "title", "value", "p50", "p90", "max", "unit"]

    /// Return a row for each figure of the catalogue that has a value, then one for each loss.
    static func rows(_ values: FigureValues, losses: [LossFigures]) -> [[String]] {
        let figures = Figure.catalogue.compactMap { figure -> [String]? in
            guard figure.form == .spread else {
                guard let value = values[figure] else { return nil }
                let text = values[whole: figure].map { "\($0)" } ?? "\(value)"
                return [figure.path, figure.title, text, "", "", "", figure.unit.rawValue]
            }
            return row(figure.path, figure.title, values[spread: figure], figure.unit)
        }
        return figures
            + losses.compactMap { row("load.losses.\($0.name)", "loss: \($0.name)", $0.value, .ratio) }
    }

    private static func row(_ path: String, _ title: String, _ spread: Spread, _ unit: Figure.Unit) -> [String]? {
        guard let summary = spread.summary else { return nil }
        let numbers = [summary.mean, summary.p50, summary.p90, summary.max].map { "\($0)" }
        return [path, title] + numbers + [unit.rawValue]
    }
}

extension Report {
    /// The figures as comma-separated values: a row for each that the run has, below a header.
    public var csv: String {
        ([FigureRows.columns] + FigureRows.rows(figures, losses: load.losses)).map(CSVField.row).joined()
    }
}

extension RoutingReport {
    /// The figures as comma-separated values: a row for each figure of each layer, then of all layers, below a header.
    public var csv: String {
        let parts = layers.map { ("\($0.layer)", $0.load) } + [("all", load)]
        let rows = parts.flatMap { layer, load in
            FigureRows.rows(load.figures, losses: load.losses).map { [layer] + $0 }
        }
        return ([["layer"] + FigureRows.columns] + rows).map(CSVField.row).joined()
    }
}
