/// Rows of spans of several kinds: stacked bars when each span begins where the last one ends, a gantt otherwise.
public struct SpanChart: Sendable {
    /// A kind of span with its name and colour, for example a phase.
    public struct Kind: Equatable, Sendable {
        /// The name of the kind.
        public var name: String
        /// The colour of the kind.
        public var category: Category
        /// True for a span that is drawn as an outline only: time in which nothing is done.
        public var isEmpty: Bool

        /// A kind of span with its name and colour.
        public init(name: String, category: Category, isEmpty: Bool = false) {
            self.name = name
            self.category = category
            self.isEmpty = isEmpty
        }
    }

    /// A stretch of a row, from one value on the axis to another.
    public struct Span: Equatable, Sendable {
        /// The index of the span's kind.
        public var kind: Int
        /// The begin and the end on the axis.
        public var range: Range<Double>

        /// A span of a kind.
        public init(kind: Int, range: Range<Double>) {
            self.kind = kind
            self.range = range
        }
    }

    /// A named row of spans.
    public struct Row: Equatable, Sendable {
        /// The name of the row.
        public var name: String
        /// The spans of the row, in order.
        public var spans: [Span]

        /// A row with the given spans.
        public init(name: String, spans: [Span]) {
            self.name = name
            self.spans = spans
        }

        /// A row in which spans of the lengths `values` follow each other, one of each kind.
        public init(name: String, stacking values: [Double]) {
            self.name = name
            var end = 0.0
            spans = []
            for (kind, value) in values.enumerated() where value > 0 {
                spans.append(Span(kind: kind, range: end..<end + value))
                end += value
            }
        }
    }

    private let text: ChartText
    private let kinds: [Kind]
    private let rows: [Row]
    private let axis: String
    private let table: DataTable

    /// A chart of rows of spans.
    ///
    /// - Parameter axis: the title of the axis, with its unit.
    public init(_ text: ChartText, kinds: [Kind], rows: [Row], axis: String, table: DataTable) {
        self.text = text
        self.kinds = kinds
        self.rows = rows
        self.axis = axis
        self.table = table
    }

    /// The chart as HTML: drawing, legend and table.
    public var markup: Markup {
        let ends = rows.flatMap(\.spans).flatMap { [$0.range.lowerBound, $0.range.upperBound] }
        let scale = AxisScale(over: ends, fromZero: true, count: 6)
        let rowHeight = min(26, max(4, 420 / max(rows.count, 1)))
        let longest = rows.map(\.name.count).max() ?? 0
        var plot = PlotArea(height: rowHeight * max(rows.count, 1), gutter: min(longest + 1, 24), xTitle: axis)
        plot.hasGrid = false
        plot.yTicks = PlotArea.ticks(ofParts: rows.count, most: max(2, plot.height / 16)) { rows[$0].name }
            .map { PlotArea.Tick(place: 1 - $0.place, label: $0.label) }
        plot.xTicks = PlotArea.ticks(scale)
        plot.shapes = kinds.indices.compactMap { shape($0, scale) } + zeroLine(scale)
        if rowHeight >= 16 { plot.labels = words(scale) }
        return ChartFigure(text: text, drawing: plot.markup, legend: legend, table: table).markup
    }

    /// Return the line that marks 0 on the axis; empty unless spans lie below 0.
    private func zeroLine(_ scale: AxisScale) -> [Markup] {
        guard scale.range.lowerBound < 0 else { return [] }
        return [.element("path", ["class": "reference", "d": "M\(Coordinate.path(scale.place(0))) 0v1000"])]
    }

    private var usedKinds: Set<Int> { Set(rows.lazy.flatMap(\.spans).map(\.kind)) }

    private var legend: [LegendEntry] {
        let used = usedKinds
        return kinds.indices.filter(used.contains).map { index in
            LegendEntry(key: .fill(style(kinds[index])), name: kinds[index].name)
        }
    }

    private func style(_ kind: Kind) -> String { kind.category.style + (kind.isEmpty ? " hollow" : "") }

    /// All spans of a kind as one path.
    private func shape(_ kind: Int, _ scale: AxisScale) -> Markup? {
        var path = ""
        let height = Coordinate.extent / Double(max(rows.count, 1))
        for (index, row) in rows.enumerated() {
            let top = Coordinate.short((Double(index) + 0.1) * height)
            for span in row.spans where span.kind == kind {
                let left = Coordinate.path(scale.place(span.range.lowerBound))
                let right = Coordinate.path(scale.place(span.range.upperBound))
                guard left != right else { continue }
                path += "M\(left) \(top)H\(right)v\(Coordinate.short(0.8 * height))H\(left)z"
            }
        }
        return path.isEmpty ? nil : .element("path", ["class": "span \(style(kinds[kind]))", "d": path])
    }

    /// The names of the spans that have room for them.
    private func words(_ scale: AxisScale) -> [Markup] {
        rows.enumerated().flatMap { index, row in
            row.spans.compactMap { span -> Markup? in
                let width = scale.place(span.range.upperBound) - scale.place(span.range.lowerBound)
                let name = kinds[span.kind].name
                guard width > 0.016 * Double(name.count + 1) else { return nil }
                return PlotArea.label(
                    name,
                    x: scale.place((span.range.lowerBound + span.range.upperBound) / 2),
                    y: (Double(index) + 0.5) / Double(rows.count),
                    style: "word on-\(kinds[span.kind].isEmpty ? "page" : kinds[span.kind].category.rawValue)"
                )
            }
        }
    }
}
