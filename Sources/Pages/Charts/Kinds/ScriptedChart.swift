/// A chart that a script of the page draws from embedded data, by what the reader chooses from lists.
public struct ScriptedChart: Sendable {
    private let text: ChartText
    private let controls: [(name: String, label: String)]
    private let data: String
    private let table: DataTable

    /// A chart with its controls and data.
    ///
    /// - Parameters:
    ///   - controls: lists to choose from, by name, with their labels; the script fills them.
    ///   - data: JSON without `<`.
    public init(_ text: ChartText, controls: KeyValuePairs<String, String>, data: String, table: DataTable) {
        self.text = text
        self.controls = controls.map { ($0.key, $0.value) }
        self.data = data
        self.table = table
    }

    /// The chart: an empty element of class `panels`, an empty list of class `legend`, and the data in a `script`.
    public var markup: Markup {
        let lists = controls.map { control in
            Markup.element("label", [:], [Markup(control.label + " "), .element("select", ["name": control.name])])
        }
        let drawing = Markup([
            .element("div", ["class": "panels"]), .element("ul", ["class": "legend", "aria-hidden": "true"]),
            .element("script", ["type": "application/json"], [Markup(trusted: data)]),
        ])
        let figure = ChartFigure(text: text, drawing: drawing, table: table)
        return figure.markup(controls: .element("div", ["class": "controls"], lists))
    }
}
