/// The frame that every chart has: title, description, drawing, legend and numbers.
struct ChartFigure {
    /// Where and what, for all charts.
    let text: ChartText
    /// The drawing.
    let drawing: Markup
    /// What the colours and shapes mean.
    var legend: [LegendEntry] = []
    /// The numbers.
    let table: DataTable

    var markup: Markup { markup(controls: .empty) }

    /// - Parameter controls: what stands over the drawing.
    func markup(controls: Markup) -> Markup {
        let caption = Markup.element("figcaption", [:], text.title)
        let description = Markup.element("p", ["class": "what", "id": "\(text.id)-what"], text.description)
        let role = Markup.element(
            "div",
            ["class": "drawing", "role": "img", "aria-label": text.title, "aria-describedby": "\(text.id)-what"],
            [drawing]
        )
        return .element(
            "figure",
            ["class": text.isWide ? "chart wide" : "chart", "id": text.id],
            [caption, description, controls, role, LegendEntry.list(legend), table.markup]
        )
    }
}
