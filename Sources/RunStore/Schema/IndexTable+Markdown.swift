extension IndexTable {
    /// All tables with their columns, as Markdown.
    public static var markdown: String { all.map(\.markdown).joined(separator: "\n") }

    /// The table with its columns, as Markdown.
    public var markdown: String {
        let isOfRuns = list == nil
        var rows = columns.map { ($0.name, $0.kind, $0.meaning) }
        if isOfRuns {
            rows.append(("path", .text, "the folder of the run, from the folder of the index on"))
        } else {
            rows.insert(("run_id", .text, "id of the run"), at: 0)
        }
        let lines = rows.map { "| \($0) | \($1.rawValue) | \($2) |\n" }
        return "### \(name): one row for \(row)\n\n| column | type | meaning |\n|---|---|---|\n\(lines.joined())"
    }
}
