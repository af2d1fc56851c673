import Figures

/// A column of the index: where `report.json` has it, and what it means.
public struct IndexColumn: Equatable, Sendable {
    /// What is stored.
    public enum Kind: String, Equatable, Sendable {
        /// A text.
        case text = "TEXT"
        /// A whole number.
        case integer = "INTEGER"
        /// A number.
        case real = "REAL"
    }

    /// The name in SQL.
    public let name: String
    /// What is stored.
    public let kind: Kind
    /// The keys that lead to the value in the JSON; a number counts the elements of a list from 0.
    public let path: [String]
    /// True where a report without the value is no report.
    public let isRequired: Bool
    /// What is between the texts of a list; nil where the value is no list.
    let separator: String?

    /// A column called as its path, with `_` for `.`, unless `name` says otherwise.
    init(
        _ path: String,
        _ kind: Kind,
        as name: String? = nil,
        isRequired: Bool = false,
        separator: String? = nil
    ) {
        self.name = name ?? path.replacing(".", with: "_")
        self.kind = kind
        self.path = path.split(separator: ".").map(String.init)
        self.isRequired = isRequired
        self.separator = separator
    }

    /// The four columns of a summary: mean, median, 90th percentile and maximum.
    static func spread(_ path: String) -> [IndexColumn] {
        Statistic.allCases.map { IndexColumn("\(path).\($0.rawValue)", .real) }
    }
}
