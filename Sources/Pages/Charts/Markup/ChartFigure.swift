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

/// The words of a chart.
public struct ChartText: Equatable, Sendable {
    /// Its name in the page: letters, digits and `-`, unlike that of any other.
    public var id: String
    /// What it shows, in a few words.
    public var title: String
    /// What there is to see, in one or two sentences; screen readers read it in place of the drawing.
    public var description: String
    /// True for a chart that takes the whole width of the page.
    public var isWide: Bool

    /// The words of a chart.
    public init(id: String, title: String, description: String, isWide: Bool = false) {
        self.id = id
        self.title = title
        self.description = description
        self.isWide = isWide
    }
}

/// What a colour or a shape of a chart means.
struct LegendEntry {
    /// How the entry looks beside its name.
    enum Key {
        /// A filled square, by its class in the style sheet.
        case fill(String)
        /// A line, by its class.
        case line(String)
        /// A glyph, and its class.
        case glyph(String, String)
    }

    let key: Key
    let name: String

    /// A list of entries; nothing without any.
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
