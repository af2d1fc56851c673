/// Tables in Markdown.
public enum MarkdownTable {
    /// A table with one line per row; a bar inside a cell is escaped.
    public static func text(_ columns: [String], rows: [[String]]) -> String {
        let border = "|" + columns.map { _ in "---|" }.joined()
        return ([line(columns), border] + rows.map(line)).map { "\($0)\n" }.joined()
    }

    private static func line(_ cells: [String]) -> String {
        "| \(cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")) |"
    }
}
