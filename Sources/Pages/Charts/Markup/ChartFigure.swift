/// The frame that every chart has: title, description, drawing, legend and numbers.
struct ChartFigure {
    /// The words of the chart: id, title and description.
    let text: ChartText
    /// The drawing of the chart, as HTML or SVG.
    let drawing: Markup
    /// The legend: the meaning of the colours and shapes.
    var legend: [LegendEntry] = []
    /// The numbers of the chart.
    let table: DataTable

    var markup: Markup { markup(controls: .empty) }

    /// The figure with controls over its drawing.
    ///
    /// - Parameter controls: the controls, empty for none.
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

/// The words of a chart: id, title and description.
public struct ChartText: Equatable, Sendable {
    /// The id of the chart, unique in the page: letters, digits and `-`.
    public var id: String
    /// The title of the chart, in a few words.
    public var title: String
    /// The description of the chart, in one or two sentences; screen readers read it in place of the drawing.
    public var description: String
    /// True for a chart that takes the whole width of the page.
    public var isWide: Bool

    /// The words of a chart, with its width on the page.
    public init(id: String, title: String, description: String, isWide: Bool = false) {
        self.id = id
        self.title = title
        self.description = description
        self.isWide = isWide
    }
}

/// One entry of a legend: a colour or a shape of a chart, and its meaning.
struct LegendEntry {
    /// The mark of an entry beside its name.
    enum Key {
        /// A filled square, by its class in the style sheet.
        case fill(String)
        /// A line, by its class in the style sheet.
        case line(String)
        /// A glyph, and its class in the style sheet.
        case glyph(String, String)
    }

    let key: Key
    let name: String

    /// Return the list of the legend's entries; empty without entries.
    static func list(_ entries: [LegendEntry]) -> Markup {
        guard !entries.isEmpty else { return .empty }
        let items = entries.map { Markup.element("li", [:], [$0.mark, Markup($0.name)]) }
        return .element("ul", ["class": "legend", "aria-hidden": "true"], items)
    }

    private var mark: Markup {
        switch key {
        case .fill(let style): .element("i", ["class": "key fill \(style)"])
        case .line(let style): .element("i", ["class": "key stroke \(style)"])
        case .glyph(let glyph, let style): .element("b", ["class": "key \(style)"], glyph)
        }
    }
}
