import Basics
import Figures
import Reports

extension IndexTable {
    /// All tables with their columns, as Markdown.
    public static var markdown: String { all.map(\.markdown).joined(separator: "\n") }

    /// The table with its columns, as Markdown.
    public var markdown: String {
        let isOfRuns = list == nil
        let kind = IndexColumn.Kind.text.rawValue
        var rows = columns.map { [$0.name, $0.kind.rawValue, meaning(of: $0)] }
        if isOfRuns {
            rows.append(["path", kind, "the folder of the run, from the folder of the index on"])
        } else {
            rows.insert(["run_id", kind, "id of the run"], at: 0)
        }
        let table = MarkdownTable.text(["column", "type", "meaning"], rows: rows)
        return "### \(name): one row for \(row)\n\n\(table)"
    }

    /// What the column is: the description that the schema of reports has of it, and of a spread the statistic.
    func meaning(of column: IndexColumn) -> String {
        let path = ((list ?? []) + column.path.filter { Int($0) == nil }).joined(separator: ".")
        let (parent, last) = (path.split(separator: ".").dropLast().joined(separator: "."), column.path.last ?? "")
        if let statistic = Statistic(rawValue: last), let meaning = ReportSchema.meanings[parent] {
            return "\(Self.plain(meaning)): \(statistic.word)"
        }
        return Self.plain(ReportSchema.meanings[path] ?? "")
    }

    /// A description without the full stop at its end.
    private static func plain(_ meaning: String) -> String {
        meaning.hasSuffix(".") ? String(meaning.dropLast()) : meaning
    }
}
