/// One value that a source gives to one setting, as text that the setting takes.
public struct GivenValue: Equatable, Sendable {
    /// The key of the setting.
    public let key: String
    /// For a path: absolute.
    public let text: String
    /// Who gives it.
    public let source: Source

    /// A value that its setting takes.
    public init(key: String, text: String, source: Source) {
        self.key = key
        self.text = text
        self.source = source
    }
}
