/// A value that a sweep varies, at one point.
public struct SweepParameter: Equatable, Sendable, Encodable {
    /// Dotted key of the configuration.
    public let key: String
    /// The value, or nil where the point has none.
    public let text: String?
    /// True for numbers and booleans.
    public let isBare: Bool

    /// A value.
    public init(key: String, text: String?, isBare: Bool) {
        self.key = key
        self.text = text
        self.isBare = isBare
    }

    /// Writes the value: a number or a boolean where it is one, else a text, or `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch text {
        case nil: try container.encodeNil()
        case let text? where isBare:
            if let value = Int(text) {
                try container.encode(value)
            } else if let value = Double(text) {
                try container.encode(value)
            } else if let value = Bool(text) {
                try container.encode(value)
            } else {
                try container.encode(text)
            }
        case let text?: try container.encode(text)
        }
    }
}
