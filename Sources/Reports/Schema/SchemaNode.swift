/// What may stand at one place of a JSON: the part of JSON Schema that reports need.
struct SchemaNode: Equatable, Sendable {
    /// The values.
    indirect enum Form: Equatable, Sendable {
        case boolean
        case number
        /// - Parameter minimum: the least that is possible, where there is one.
        case integer(minimum: Int?)
        case text
        case oneOf([String])
        case list(SchemaNode)
        /// Any keys, values of one kind.
        case map(SchemaNode)
        case object(SchemaObject)
    }

    var form: Form
    /// `null` stands for a value that is not known.
    var isNullable = false
    /// What it is, with its unit.
    var description: String?
}
