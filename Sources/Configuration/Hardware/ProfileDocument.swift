public import CostModel

/// What a profile file says: a name, a line about it, and every constant of one kind of profile.
public struct ProfileDocument<Key: ProfileConstant>: Equatable, Sendable {
    /// Its name.
    public var name: String
    /// What it is, in one line.
    public var summary: String
    /// A number for each key.
    public var constants: [Key: Constant]

    /// A document.
    public init(name: String, summary: String, constants: [Key: Constant]) {
        self.name = name
        self.summary = summary
        self.constants = constants
    }
}
