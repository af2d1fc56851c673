import Basics

/// The numbers of a chart, as a table that unfolds under it.
public struct DataTable: Equatable, Sendable {
    /// Names of the columns, with units.
    public var columns: [String]
    /// The rows; the first cell of each names it.
    public var rows: [[String]]
    /// The number of columns at the end that hold words: they stand to the left, and their lines break.
    public var words = 0
    /// A note on what the table leaves out and where that is, or nil.
    public var note: String?

    /// A table with the names of its columns and its rows.
    public init(columns: [String], rows: [[String]], words: Int = 0, note: String? = nil) {
        self.columns = columns
        self.rows = rows
        self.words = words
        self.note = note
    }

    /// The table as HTML, folded until the reader opens it.
    var markup: Markup { folded("Numbers (\(Counted.text(rows.count, "row")))") }

    /// Return the table as HTML, folded under the line `words`.
    public func folded(_ words: String) -> Markup {
        let summary = Markup.element("summary", [:], words)
        let note = note.map { Markup.element("p", ["class": "note"], $0) } ?? .empty
        return .element(
            "details",
            [:],
            [summary, .element("div", ["class": "scroll"], [table]), note]
        )
    }

    /// The table, without the closing tags that HTML does not need: tables are most of a page's bytes.
    private var table: Markup {
        var source = "<table><thead><tr>"
        let numbers = columns.count - words
        for (index, column) in columns.enumerated() {
            source += (index < numbers ? "<th scope=col>" : "<th scope=col class=words>") + Markup(column).source
        }
        source += "<tbody>"
        for row in rows {
            source += "<tr>"
            for (index, cell) in row.enumerated() {
                source += index == 0 ? "<th scope=row>" : index < numbers ? "<td>" : "<td class=words>"
                source += Markup(cell).source
            }
        }
        return Markup(trusted: source + "</table>")
    }
}
