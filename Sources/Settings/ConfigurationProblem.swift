import Basics

/// One thing that is wrong with a configuration.
public struct ConfigurationProblem: Equatable, Sendable, CustomStringConvertible {
    /// `file:line:column`, or the environment variable or flag; the bare file name when the whole file is meant.
    public let location: String
    /// The dotted key, or nil when no single key is meant.
    public let key: String?
    /// What was found and what is allowed.
    public let message: String

    /// A problem at a place.
    public init(location: String, key: String? = nil, message: String) {
        self.location = location
        self.key = key
        self.message = message
    }

    /// `location: key: message`.
    public var description: String {
        key.map { "\(location): \($0): \(message)" } ?? "\(location): \(message)"
    }

    /// The sentence for a value that a setting cannot take.
    public static func value(
        _ found: String,
        of key: String,
        allowed: String,
        hint: String = "",
        at source: Source
    ) -> ConfigurationProblem {
        ConfigurationProblem(
            location: source.location,
            key: key,
            message: "found \(Quoted.value(found)), \(hint)allowed: \(allowed)"
        )
    }
}
