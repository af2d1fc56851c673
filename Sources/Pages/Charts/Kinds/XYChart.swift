/// Series of points over two axes, joined by lines or not.
public struct XYChart: Sendable {
    /// A point, with the range of its repeats.
    public struct Point: Equatable, Sendable {
        /// The coordinates of the point.
        public var x: Double, y: Double
        /// The lowest to the highest value at `x`, or nil where there is only one.
        public var range: ClosedRange<Double>?

        /// A point at (`x`, `y`), with the range of its repeats where it has several.
        public init(x: Double, y: Double, range: ClosedRange<Double>? = nil) {
            self.x = x
            self.y = y
            self.range = range
        }
    }

    /// A named series of points.
    public struct Series: Sendable {
        /// The style in which a series is drawn.
        public enum Style: Equatable, Sendable {
            /// Points joined by a line.
            case line
            /// Points joined by a line, and marked by the glyph.
            case lineAndPoints
            /// Points marked by the glyph, without a line.
            case points
            /// Points joined by a dashed line, for an ideal.
            case ideal
        }

        /// The name of the series.
        public var name: String
        /// The colour of the series.
        public var category: Category
        /// The glyph that marks the points.
        public var glyph: String
        /// The style in which the series is drawn.
        public var style: Style
        /// The points of the series, in order of x where they are joined.
        public var points: [Point]

        /// A series with the colour and the glyph of a category; points that are not finite are left out.
        public init(name: String, category: Category, style: Style, points: [Point]) {
            self.name = name
            self.category = category
            glyph = category.glyph
            self.style = style
            self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
        }

        /// The n-th of several series, with a colour and a glyph of its own.
        public init(name: String, number: Int, style: Style, points: [Point]) {
            self.init(name: name, category: .number(number), style: style, points: points)
            glyph = Category.glyph(number: number)
        }
    }

    /// An axis of the chart: title, kind of scale, and start.
    public struct Axis: Sendable {
        /// The title of the axis, with its unit.
        public var title: String
        /// The kind of scale: linear or logarithmic.
        public var kind: AxisScale.Kind
        /// True where a linear axis begins at 0.
        public var fromZero: Bool

        /// An axis with its title and kind of scale.
        public init(_ title: String, kind: AxisScale.Kind = .linear, fromZero: Bool = false) {
            self.title = title
            self.kind = kind
            self.fromZero = fromZero
        }
    }

    private let text: ChartText
    private let x: Axis
    private let y: Axis
    private let series: [Series]
    private let table: DataTable

    /// A chart of `series` over the axes `x` and `y`.
    public init(_ text: ChartText, x: Axis, y: Axis, series: [Series], table: DataTable) {
        self.text = text
        self.x = x
        self.y = y
        self.series = series
        self.table = table
    }

    /// The chart as HTML: drawing, legend and table.
    public var markup: Markup {
        let points = series.flatMap(\.points)
        let across = AxisScale(over: points.map(\.x), kind: x.kind, fromZero: x.fromZero, count: 6)
        let heights = points.flatMap { [$0.y, $0.range?.lowerBound ?? $0.y, $0.range?.upperBound ?? $0.y] }
        let up = AxisScale(over: heights, kind: y.kind, fromZero: y.fromZero)
        var plot = PlotArea(height: 260, gutter: 7, yTitle: y.title, xTitle: x.title)
        plot.yTicks = PlotArea.ticks(up)
        plot.xTicks = PlotArea.ticks(across)
        for series in series {
            plot.shapes += lines(series, across, up)
            plot.labels += glyphs(series, across, up)
        }
        return ChartFigure(text: text, drawing: plot.markup, legend: series.count > 1 ? legend : [], table: table)
            .markup
    }

    private var legend: [LegendEntry] {
        series.filter { !$0.points.isEmpty && !$0.name.isEmpty }.map { series in
            switch series.style {
            case .line: LegendEntry(key: .line(series.category.style), name: series.name)
            case .ideal: LegendEntry(key: .line("ideal"), name: series.name)
            case .points, .lineAndPoints:
                LegendEntry(key: .glyph(series.glyph, series.category.style), name: series.name)
            }
        }
    }

    private func lines(_ series: Series, _ across: AxisScale, _ up: AxisScale) -> [Markup] {
        var shapes: [Markup] = []
        if series.style != .points, series.points.count > 1 {
            let path = series.points.enumerated().map { index, point in
                "\(index == 0 ? "M" : "L")\(Coordinate.path(across.place(point.x))) "
                    + Coordinate.path(1 - up.place(point.y))
            }.joined()
            let style = series.style == .ideal ? "line ideal" : "line \(series.category.style)"
            shapes.append(.element("path", ["class": style, "d": path]))
        }
        let bars = series.points.compactMap { point in
            point.range.map { range in
                "M\(Coordinate.path(across.place(point.x))) \(Coordinate.path(1 - up.place(range.lowerBound)))"
                    + "V\(Coordinate.path(1 - up.place(range.upperBound)))"
            }
        }
        if !bars.isEmpty {
            shapes.append(.element("path", ["class": "line spread \(series.category.style)", "d": bars.joined()]))
        }
        return shapes
    }

    private func glyphs(_ series: Series, _ across: AxisScale, _ up: AxisScale) -> [Markup] {
        guard series.style == .points || series.style == .lineAndPoints else { return [] }
        return series.points.map { point in
            PlotArea.label(
                series.glyph,
                x: across.place(point.x),
                y: 1 - up.place(point.y),
                style: "glyph \(series.category.style)"
            )
        }
    }
}
