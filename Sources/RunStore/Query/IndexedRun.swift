import Reports

/// A run as the index has it.
public struct IndexedRun: Equatable, Sendable {
    /// The values of the columns of ``IndexTable/runs``, by name.
    public let values: [String: IndexValue]
    /// The folder of the run.
    public let folder: String

    init(_ row: [IndexValue], _ columns: [String], below root: String) {
        values = Dictionary(zip(columns, row), uniquingKeysWith: { first, _ in first })
        folder = "\(root)/\(values["path"]?.text ?? "")"
    }

    /// Id of the run.
    public var id: String { text("id") }

    /// The text of a column; empty where there is none.
    public func text(_ column: String) -> String { values[column]?.text ?? "" }

    /// The number of a column, or nil.
    public func number(_ column: String) -> Double? { values[column]?.number }

    /// True where the folder has no report any more; 'epsim runs reindex' forgets it.
    public var isGone: Bool { FileKind.of("\(folder)/\(RunFolder.reportName)") != .file }
}
