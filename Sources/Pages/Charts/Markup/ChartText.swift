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
