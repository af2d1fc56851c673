/// The source of a setting's value, weakest first.
public enum Source: Equatable, Sendable, CustomStringConvertible {
    /// Nobody set it.
    case builtIn
    /// The catalogue entry that `model.preset` names, and the catalogue file.
    case preset(String, file: String)
    /// The checkpoint that `model.checkpoint` names, or the config.json beside it.
    case checkpoint(String)
    /// Data that are to be routed, by their name.
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

    /// True for what holds for one start of the program.
    public var isOfOneRun: Bool {
        switch self {
        case .environment, .flag: true
        case .builtIn, .preset, .checkpoint, .data, .file: false
        }
    }

    /// The source as an error begins with it: a file with line and column, so that editors can jump to it.
    public var location: String {
        switch self {
        case .file(let file, let line, let column): "\(file):\(line):\(column)"
        default: description
        }
    }
}
