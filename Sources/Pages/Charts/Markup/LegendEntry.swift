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
