/// A part of a page: a heading, a few words, and charts side by side where there is room.
public struct PageSection: Sendable {
    private let title: String
    private let introduction: String
    private let content: [Markup]

    /// A part of a page; without content it is left out.
    public init(_ title: String, _ introduction: String = "", _ content: [Markup]) {
        self.title = title
        self.introduction = introduction
        self.content = content
    }

    /// The part.
    public var markup: Markup {
        guard !content.isEmpty else { return .empty }
        let words = introduction.isEmpty ? Markup.empty : .element("p", ["class": "intro"], introduction)
        return .element(
            "section",
            [:],
            [.element("h2", [:], title), words, .element("div", ["class": "charts"], content)]
        )
    }
}
