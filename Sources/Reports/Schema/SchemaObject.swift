/// An object with known keys; further keys may come.
struct SchemaObject: Equatable, Sendable {
    /// One key.
    struct Property: Equatable, Sendable {
        var node: SchemaNode
        /// False for a key that is left out where there is no value.
        var isRequired: Bool
    }

    /// The type that is written as this object, for example `LoadFigures.OverRanks`.
    let name: String
    /// By key, in snake case.
    var properties: [String: Property] = [:]
}
