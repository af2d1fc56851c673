import Testing

@testable import Pages

@Suite struct ChartTests {
    private let text = ChartText(id: "a", title: "Title & more", description: "What there is.")
    private let table = DataTable(columns: ["x", "y"], rows: [["1", "2"]])

    private func check(_ markup: Markup) {
        #expect(markup.source.contains("<figcaption>Title &amp; more</figcaption>"))
        #expect(markup.source.contains("aria-describedby=\"a-what\""))
        #expect(markup.source.contains("<th scope=row>1<td>2"))
    }

    @Test func columnsStandOnZeroAndTheMarkedOneIsNamed() {
        let chart = ColumnChart(
            text,
            names: ["0", "1"],
            values: [1, 2],
            reference: ("mean", 1.5),
            marked: (1, "rank 1"),
            axes: ("rank", "copies"),
            table: table
        ).markup
        check(chart)
        #expect(chart.source.contains(">rank 1</span>"))
        // The scale ends at 2.5, so that there is room for the words.
        #expect(chart.source.contains("M60 1000V600H440V1000z"))
        #expect(chart.source.contains("M0 400h1000"))
    }

    @Test func equalCellsOfAHeatMapAreOneLine() {
        let axes = HeatMap.Axes(x: "expert", y: "layer", columns: ["0", "1", "2"], rows: ["0"])
        let chart = HeatMap(text, axes: axes, values: [[0, 0, 4]], rules: [2], unit: "load", table: table).markup
        check(chart)
        #expect(chart.source.contains("d=\"M0 0h2\""))
        #expect(chart.source.contains("d=\"M2 0h1\""))
        #expect(chart.source.contains("M666.7 0v1000"))
        let cut = HeatMap(text, axes: axes, values: [[0, 1, 40]], top: 4, unit: "load", table: table).markup
        #expect(cut.source.contains(">≥ 4<"))
    }

    @Test func stackedSpansFollowEachOther() {
        let row = SpanChart.Row(name: "rank 0", stacking: [1, 0, 3])
        #expect(row.spans == [.init(kind: 0, range: 0..<1), .init(kind: 2, range: 1..<4)])
        let kinds = ["gate", "queue", "wait"].map { SpanChart.Kind(name: $0, category: .sky, isEmpty: $0 == "wait") }
        let chart = SpanChart(text, kinds: kinds, rows: [row], axis: "ms", table: table).markup
        check(chart)
        #expect(chart.source.contains("span c-sky hollow"))
        // The legend names what is drawn.
        #expect(!chart.source.contains(">queue</li>"))
    }

    @Test func seriesHaveShapesAsWellAsColours() {
        let points = [XYChart.Point(x: 1, y: 1), XYChart.Point(x: 2, y: 3, range: 2...4), XYChart.Point(x: .nan, y: 1)]
        let chart = XYChart(
            text,
            x: XYChart.Axis("ranks", kind: .logarithmic),
            y: XYChart.Axis("seconds", fromZero: true),
            series: [
                .init(name: "measured", category: .blue, style: .lineAndPoints, points: points),
                .init(name: "ideal", category: .grey, style: .ideal, points: points),
            ],
            table: table
        ).markup
        check(chart)
        #expect(chart.source.contains("class=\"glyph c-blue\""))
        #expect(chart.source.contains("line spread c-blue"))
        #expect(chart.source.contains("line ideal"))
        #expect(!chart.source.contains("nan"))
        #expect(Set(Category.allCases.map(\.glyph)).count == Category.allCases.count)
        #expect(Set(Category.allCases.map(\.color)).count == Category.allCases.count)
    }

    @Test func chartsOfNothingAreDrawnAllTheSame() {
        let empty = DataTable(columns: [], rows: [])
        let axes = HeatMap.Axes(x: "", y: "", columns: [], rows: [])
        let charts = [
            ColumnChart(text, names: [], values: [], axes: ("", ""), table: empty).markup,
            HeatMap(text, axes: axes, values: [], unit: "", table: empty).markup,
            SpanChart(text, kinds: [], rows: [], axis: "", table: empty).markup,
            XYChart(text, x: XYChart.Axis(""), y: XYChart.Axis(""), series: [], table: empty).markup,
        ]
        for chart in charts {
            #expect(!chart.source.contains("nan") && !chart.source.contains("inf"))
        }
    }
}
