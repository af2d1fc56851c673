public import Settings

/// The value of one setting that applies to a run.
public struct ResolvedValue: Equatable, Sendable {
    /// Dotted key.
    public let key: String
    /// The value as YAML reads it, or nil when the setting has none.
    public let text: String?
    /// What stands in tables in place of a value that there is not.
    public let absence: String
    /// Unit of the value, or nil for counts and names.
    public let unit: String?
    /// Who set it.
    public let source: Source

    /// A value with its source.
    init(key: String, text: String?, absence: String, unit: String?, source: Source) {
        self.key = key
        self.text = text
        self.absence = absence
        self.unit = unit
        self.source = source
    }
}
