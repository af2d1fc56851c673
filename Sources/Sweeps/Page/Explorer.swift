import Basics
import Figures
import Foundation
import Pages
import Reports

/// A chart of two columns of a sweep's summary, which the reader chooses in the page.
struct Explorer {
    private struct Data: Encodable {
        let columns: [String]
        let rows: [[String?]]
        let x: String
        let y: String
        let color: String
        let glyphs: [[String]]
    }

    private let summary: SweepSummary
    private let rule: ScalingRule?

    /// Create a chart of a sweep.
    ///
    /// - Parameter rule: the rule whose scale is the first horizontal axis, or nil for the first numeric column.
    init(_ summary: SweepSummary, rule: ScalingRule?) {
        self.summary = summary
        self.rule = rule
    }

    /// The chart with its data, which ``ExplorerScript`` draws.
    func markup() throws -> Markup {
        let across = rule?.scale ?? summary.keys.first { key in isNumeric(key) } ?? FigureName(.stepSeconds).sweepColumn
        let color = summary.keys.first { $0 != across } ?? "status"
        let data = Data(
            columns: summary.columns,
            rows: summary.cells,
            x: across,
            y: FigureName(.tokensPerSecondPerRank).sweepColumn,
            color: color,
            glyphs: (0..<Category.allCases.count * Category.allCases.count).map { index in
                [Category.glyph(number: index), Category.number(index).style]
            }
        )
        let text = ChartText(
            id: "explorer",
            title: "Runs of the sweep",
            description: "Every run that has both values is a mark; the table has all columns of summary.csv.",
            isWide: true
        )
        return ScriptedChart(
            text,
            controls: ["x": "across", "y": "up", "color": "colour and shape", "panel": "panels"],
            data: try Self.json(data),
            table: DataTable(columns: summary.columns, rows: summary.cells.map { $0.map { $0 ?? "" } })
        ).markup
    }

    private func isNumeric(_ key: String) -> Bool {
        guard let column = summary.columns.firstIndex(of: key) else { return false }
        return summary.cells.allSatisfy { $0[column].flatMap(Double.init) != nil }
    }

    private static func json(_ data: Data) throws -> String {
        try JSONText.line(data).replacing("<", with: "\\u003c")
    }
}
