/// A card that shows one main figure of a page in large type.
public struct Card: Sendable {
    /// The tone of a card: how good or bad its figure is; the words of the card say the same.
    public enum Tone: String, Sendable {
        case plain, good, doubtful, bad
    }

    private let name: String
    private let value: String
    private let detail: String
    private let tone: Tone
    private let figure: (path: String, value: Double)?

    /// A card for one figure.
    ///
    /// - Parameters:
    ///   - name: the name of the figure.
    ///   - value: the figure with its unit.
    ///   - detail: the formula or the meaning of the figure, in a few words.
    ///   - figure: the path of its key in report.json and its exact value, for programs that read the page.
    public init(
        _ name: String,
        value: String,
        detail: String,
        tone: Tone = .plain,
        figure: (path: String, value: Double)? = nil
    ) {
        self.name = name
        self.value = value
        self.detail = detail
        self.tone = tone
        self.figure = figure
    }

    /// Return the cards side by side as HTML.
    public static func row(_ cards: [Card]) -> Markup {
        .element("div", ["class": "cards"], cards.map(\.markup))
    }

    private var markup: Markup {
        .element(
            "div",
            [
                "class": "card \(tone.rawValue)", "data-figure": figure?.path,
                "data-value": figure.map { "\($0.value)" },
            ],
            [
                .element("div", ["class": "name"], name), .element("div", ["class": "value"], value),
                .element("div", ["class": "detail"], detail),
            ]
        )
    }
}
