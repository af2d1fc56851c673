import Basics

/// The source of a setting's value, weakest first.
public enum Source: Equatable, Sendable, CustomStringConvertible {
    /// The built-in default.
    case builtIn
    /// The catalogue entry that `model.preset` names, and the catalogue file.
    case preset(String, file: String)
    /// The checkpoint that `model.checkpoint` names, or the config.json beside it.
    case checkpoint(String)
    /// The data to be routed, by their name, where they fix a value such as the number of experts.
    case data(String)
    /// A place in the configuration file; line and column count from 1.
    case file(String, line: Int, column: Int)
    /// The environment variable of this name.
    case environment(String)
    /// The command-line flag of this name, with its dashes.
    case flag(String)

    /// The source as `epsim config show` prints it.
    public var description: String {
        switch self {
        case .builtIn: "default"
        case .preset(let name, let file): "preset \(name) (\(file))"
        case .checkpoint(let path): "checkpoint \(path)"
        case .data(let name): name
        case .file(let file, let line, _): "\(file):\(line)"
        case .environment(let name): "environment \(name)"
        case .flag(let name): "flag \(name)"
        }
    }

    /// True for a source that holds for one start of the program only: the environment or a flag.
    public var isOfOneRun: Bool {
        switch self {
        case .environment, .flag: true
        case .builtIn, .preset, .checkpoint, .data, .file: false
        }
    }

    /// The start of an error about the value: for a file with line and column, so that editors can jump there.
    public var location: String {
        switch self {
        case .file(let file, let line, let column): "\(file):\(line):\(column)"
        default: description
        }
    }
}

/// A setting that the command line or a sweep gives.
public struct Override: Equatable, Sendable {
    /// The dotted key, for example `cluster.workers`.
    public let key: String
    /// The value as typed.
    public let value: String
    /// The source of the setting, for errors.
    public let source: Source
    /// Whether the setting is left out where no option reads it under the other settings; else that is an error.
    public let isLeftOutWhereUnread: Bool

    /// Create the setting that `source` gives. A relative path starts at the working directory.
    public init(key: String, value: String, source: Source, isLeftOutWhereUnread: Bool = false) {
        self.key = key
        self.value = value
        self.source = source
        self.isLeftOutWhereUnread = isLeftOutWhereUnread
    }

    /// Create the setting that a flag gives.
    ///
    /// - Parameter flag: the flag with its dashes: `--workers`, or `--set`.
    public init(key: String, value: String, flag: String) {
        self.init(key: key, value: value, source: .flag(flag))
    }

    /// Parse the argument of `--set`: `key.path=value`; everything after the first equals sign is the value.
    ///
    /// - Throws: ``ConfigurationError`` where the argument has no key or no equals sign.
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

    /// The name of the flag or of the source, for an error about a key that is given twice.
    var giver: String {
        if case .flag(let name) = source { name } else { source.description }
    }
}

/// One value that a source gives to one setting, as text that the setting takes.
public struct GivenValue: Equatable, Sendable {
    /// The key of the setting.
    public let key: String
    /// The text of the value; absolute for a path.
    public let text: String
    /// The source that gives the value.
    public let source: Source

    /// Create a value that its setting takes.
    public init(key: String, text: String, source: Source) {
        self.key = key
        self.text = text
        self.source = source
    }
}
