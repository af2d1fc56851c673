/// A setting that the command line gives.
public struct Override: Equatable, Sendable {
    /// Dotted key, for example `cluster.workers`.
    public let key: String
    /// The value as typed.
    public let value: String
    /// The flag that gave it, with its dashes: `--workers`, or `--set`.
    public let flag: String

    /// The value of a named flag.
    public init(key: String, value: String, flag: String) {
        self.key = key
        self.value = value
        self.flag = flag
    }

    /// The argument of `--set`: `key.path=value`; everything after the first equals sign is the value.
    public init(set argument: String) throws(ConfigurationError) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
            let found = Quoted.text(argument)
            let message = "found \(found), allowed: key=value, for example cluster.workers=8"
            throw ConfigurationError(ConfigurationProblem(location: "flag --set", message: message))
        }
        key = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
        flag = "--set"
    }
}
