import Basics

/// A setting that the command line, or a sweep, gives.
public struct Override: Equatable, Sendable {
    /// Dotted key, for example `cluster.workers`.
    public let key: String
    /// The value as typed.
    public let value: String
    /// Who gave it, for errors.
    public let source: Source

    /// The value that `source` gives. A relative path starts at the working directory.
    public init(key: String, value: String, source: Source) {
        self.key = key
        self.value = value
        self.source = source
    }

    /// The value of a named flag.
    ///
    /// - Parameter flag: the flag with its dashes: `--workers`, or `--set`.
    public init(key: String, value: String, flag: String) {
        self.init(key: key, value: value, source: .flag(flag))
    }

    /// The argument of `--set`: `key.path=value`; everything after the first equals sign is the value.
    public init(set argument: String) throws(ConfigurationError) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
            let found = Quoted.text(argument)
            let message = "found \(found), allowed: key=value, for example cluster.workers=8"
            throw ConfigurationError(ConfigurationProblem(location: "flag --set", message: message))
        }
        self.init(
            key: String(argument[..<equals]),
            value: String(argument[argument.index(after: equals)...]),
            flag: "--set"
        )
    }

    /// The giver as a sentence about two of them names it.
    var giver: String {
        if case .flag(let name) = source { name } else { source.description }
    }
}
