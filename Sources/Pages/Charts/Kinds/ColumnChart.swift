/// A chart of columns side by side, one for each rank, expert or other item, with a line across them.
public struct ColumnChart: Sendable {
    private let text: ChartText
    private let names: [String]
    private let values: [Double]
    private let reference: (name: String, value: Double)?
    private let marked: (column: Int, name: String)?
    private let axes: (x: String, y: String)
    private let table: DataTable

    /// A chart with one column for each of `values`.
    ///
    /// - Parameters:
    ///   - names: a short name for each column.
    ///   - values: the height of each column.
    ///   - reference: a line across the chart, and its name.
    ///   - marked: a column that stands out, and the words over it, or nil.
    ///   - axes: the titles of the axes, with units.
    public init(
        _ text: ChartText,
        names: [String],
        values: [Double],
        reference: (name: String, value: Double)? = nil,
        marked: (column: Int, name: String)? = nil,
        axes: (x: String, y: String),
        table: DataTable
    ) {
        self.text = text
        self.names = names
        self.values = values
        self.reference = reference
        self.marked = marked
        self.axes = axes
        self.table = table
    }

    /// The chart as HTML: drawing, legend and table.
    public var markup: Markup {
        let scale = AxisScale(
            over: values + [reference?.value ?? 0, marked.map { values[$0.column] * 1.08 } ?? 0],
            fromZero: true
        )
        var plot = PlotArea(height: 240, gutter: 7, yTitle: axes.y, xTitle: axes.x)
        plot.yTicks = PlotArea.ticks(scale)
        plot.xTicks = PlotArea.ticks(ofParts: values.count) { names[$0] }
        plot.shapes = [
            .element("path", ["class": "columns", "d": path(values.indices.filter { $0 != marked?.column }, scale)])
        ]
        if let marked {
            plot.shapes.append(.element("path", ["class": "columns marked", "d": path([marked.column], scale)]))
            let x = (Double(marked.column) + 0.5) / Double(values.count)
            let side = x > 0.85 ? "end" : x < 0.15 ? "begin" : "mid"
            plot.labels.append(
                PlotArea.label(marked.name, x: x, y: 1 - scale.place(values[marked.column]), style: "note-\(side)")
            )
        }
        if let reference {
            let y = Coordinate.path(1 - scale.place(reference.value))
            plot.shapes.append(.element("path", ["class": "reference", "d": "M0 \(y)h1000"]))
        }
        return ChartFigure(text: text, drawing: plot.markup, legend: legend, table: table).markup
    }

    private var legend: [LegendEntry] {
        reference.map { [LegendEntry(key: .line("reference"), name: $0.name)] } ?? []
    }

    private func path(_ columns: [Int], _ scale: AxisScale) -> String {
        let width = 1 / Double(max(values.count, 1))
        let gap = values.count > 128 ? 0.02 : 0.12
        return columns.map { index in
            let left = Coordinate.path((Double(index) + gap) * width)
            let right = Coordinate.path((Double(index) + 1 - gap) * width)
            return "M\(left) 1000V\(Coordinate.path(1 - scale.place(values[index])))H\(right)V1000z"
        }.joined()
    }
}
