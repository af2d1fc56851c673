import Basics
import Foundation

/// A heat map: a matrix whose cells have the colours of viridis, the first row at the top.
public struct HeatMap: Sendable {
    /// The axes of a matrix.
    public struct Axes: Sendable {
        /// The titles of the axis of columns and of the axis of rows.
        public var x: String, y: String
        /// Short names of all columns and of all rows.
        public var columns: [String], rows: [String]

        /// Axes with their titles and names.
        public init(x: String, y: String, columns: [String], rows: [String]) {
            self.x = x
            self.y = y
            self.columns = columns
            self.rows = rows
        }
    }

    private let text: ChartText
    private let axes: Axes
    private let values: [[Double?]]
    private let rules: [Int]
    private let top: Double?
    private let unit: String
    private let table: DataTable

    /// A heat map of a matrix.
    ///
    /// - Parameters:
    ///   - values: `[rows][columns]`; nil is left empty.
    ///   - rules: columns before which a line is drawn.
    ///   - top: the value at which the colours end, or nil for the largest.
    ///   - unit: the meaning of a value, for the colour bar.
    public init(
        _ text: ChartText,
        axes: Axes,
        values: [[Double?]],
        rules: [Int] = [],
        top: Double? = nil,
        unit: String,
        table: DataTable
    ) {
        self.text = text
        self.axes = axes
        self.values = values
        self.rules = rules
        self.top = top
        self.unit = unit
        self.table = table
    }

    /// The chart as HTML: drawing, legend and table.
    public var markup: Markup {
        let scale = AxisScale(over: top.map { [$0] } ?? values.joined().compactMap(\.self), fromZero: true)
        let rowHeight = min(26, max(3, 420 / max(values.count, 1)))
        var plot = PlotArea(height: max(60, rowHeight * values.count), gutter: 6, yTitle: axes.y, xTitle: axes.x)
        plot.hasGrid = false
        plot.yTicks = PlotArea.ticks(ofParts: values.count, most: max(2, plot.height / 16)) { axes.rows[$0] }
            .map { PlotArea.Tick(place: 1 - $0.place, label: $0.label) }
        plot.xTicks = PlotArea.ticks(ofParts: columnCount, most: 20) { axes.columns[$0] }
        plot.shapes = cells(scale) + ruling
        plot.data = ["heat": "\(values.count) \(columnCount)"]
        let drawing = plot.markup + bar(scale)
        return ChartFigure(text: text, drawing: drawing, table: table).markup
    }

    private var columnCount: Int { values.map(\.count).max() ?? 0 }

    /// One path for each colour: runs of equal cells in a row are one line, as thick as the row is high, which takes
    /// the fewest bytes.
    private func cells(_ scale: AxisScale) -> [Markup] {
        var paths = [String](repeating: "", count: Viridis.steps)
        for (row, line) in values.enumerated() {
            var column = 0
            while column < line.count {
                let step = line[column].map { Viridis.step(scale.place($0)) }
                var end = column + 1
                while end < line.count, line[end].map({ Viridis.step(scale.place($0)) }) == step { end += 1 }
                if let step { paths[step] += "M\(column) \(row)h\(end - column)" }
                column = end
            }
        }
        let inner = paths.enumerated().filter { !$1.isEmpty }.map { step, path in
            Markup.element("path", ["stroke": Viridis.color(step: step), "d": path])
        }
        let stretch = "scale(\(factor(columnCount)) \(factor(values.count))) translate(0 .5)"
        return [.element("g", ["transform": stretch, "shape-rendering": "crispEdges"], inner)]
    }

    private func factor(_ count: Int) -> String { String(format: "%.6g", Coordinate.extent / Double(max(count, 1))) }

    private var ruling: [Markup] {
        guard !rules.isEmpty, columnCount > 0 else { return [] }
        let path = rules.map { "M\(Coordinate.path(Double($0) / Double(columnCount))) 0v1000" }.joined()
        return [.element("path", ["class": "rule", "d": path])]
    }

    private func bar(_ scale: AxisScale) -> Markup {
        let colors = (0..<Viridis.steps).map { Viridis.color(step: $0) }.joined(separator: ",")
        let ticks = scale.ticks.map { tick in
            Markup.element(
                "span",
                ["style": "left:\(Coordinate.percent(scale.place(tick)))"],
                (top != nil && tick == scale.ticks.last ? "≥ " : "") + scale.label(tick)
            )
        }
        return .element(
            "div",
            ["class": "colorbar"],
            [
                .element("span", [:], unit),
                .element("div", ["class": "ramp", "style": "background:linear-gradient(90deg,\(colors))"], ticks),
            ]
        )
    }
}

/// The colour map viridis, by Stéfan van der Walt and Nathaniel Smith (matplotlib, 2015; CC0): even in lightness, and
/// told apart by colour-blind people and in grey.
enum Viridis {
    /// The number of colours in a drawing; more could not be told apart.
    static let steps = 32

    /// Red, green and blue (0 to 255) of every sixteenth of matplotlib's 256 colours, and of the last.
    private static let anchors: [(Double, Double, Double)] = [
        (68, 1, 84), (72, 26, 108), (71, 47, 125), (65, 68, 135), (57, 86, 140), (49, 104, 142), (42, 120, 142),
        (35, 136, 142), (31, 152, 139), (34, 168, 132), (53, 183, 121), (84, 197, 104), (122, 209, 81),
        (165, 219, 54), (210, 226, 27), (253, 231, 37),
    ]

    /// Return the index of the colour for a value from 0 to 1.
    static func step(_ value: Double) -> Int {
        min(max(Int(value * Double(steps)), 0), steps - 1)
    }

    /// Return the colour with the index `step` as `#rrggbb`.
    static func color(step: Int) -> String {
        let place = Double(step) / Double(steps - 1) * Double(anchors.count - 1)
        let index = min(Int(place), anchors.count - 2)
        let part = place - Double(index)
        let (low, high) = (anchors[index], anchors[index + 1])
        let mixed = [(low.0, high.0), (low.1, high.1), (low.2, high.2)].map { $0 + ($1 - $0) * part }
        return "#" + Hexadecimal.text(mixed.map { UInt8($0.rounded()) })
    }
}
