public import Basics

/// The settings that one source gives: a file, the environment, the flags, a preset or a checkpoint.
public struct Layer<Root: Sendable>: Sendable {
    /// The given settings, in the order of the source, no key twice.
    public private(set) var assignments: [GivenValue] = []
    /// A root with the given values over the defaults.
    public internal(set) var values: Root
    /// All problems of the source.
    public var problems = ProblemList()

    /// Create the layer of a source that gives nothing.
    ///
    /// - Parameter root: a root that holds the defaults.
    public init(_ root: Root) {
        values = root
    }

    /// Add the value that a text stands for if its option takes it, else a problem.
    ///
    /// - Parameters:
    ///   - key: the key as errors name it.
    ///   - directory: the absolute folder where relative paths start.
    public mutating func add(
        _ text: String,
        to option: Option<Root>,
        key: String,
        by source: Source,
        in directory: String
    ) {
        guard option.assign(text, &values) else {
            problems.add(option.problem(text, key: key, at: source))
            return
        }
        let isPath = option.form == .path || option.form == .nameOrPath && PathText.isPath(text)
        let value = isPath ? PathText.absolute(text, in: directory) : text
        guard value == text || option.assign(value, &values) else {
            problems.add(option.problem(value, key: key, at: source))
            return
        }
        assignments.append(GivenValue(key: option.key, text: value, source: source))
    }

    /// Add the values of those options for which another root holds one.
    public mutating func add(_ options: [Option<Root>], from other: Root, by source: Source) {
        for option in options {
            guard let text = option.text(other) else { continue }
            option.copy(other, &values)
            assignments.append(GivenValue(key: option.key, text: text, source: source))
        }
    }

    /// Add a value of the option at a key path, unless the value is nil.
    public mutating func add<Value>(
        _ value: Value?,
        to path: WritableKeyPath<Root, Value>,
        of table: OptionTable<Root>,
        by source: Source
    ) {
        guard let value else { return }
        guard let option = table.option(at: path) else { preconditionFailure("no option has its value at \(path)") }
        values[keyPath: path] = value
        assignments.append(GivenValue(key: option.key, text: option.text(values) ?? "", source: source))
    }
}

extension Layer {
    /// Read the settings of a configuration file.
    ///
    /// - Parameters:
    ///   - yaml: the text of the file.
    ///   - file: the path of the file, for errors and sources.
    ///   - directory: the folder of the file, absolute, where relative paths start.
    ///   - table: the options that the file may set.
    ///   - root: a root that holds the defaults.
    public init(yaml: String, file: String, directory: String, table: OptionTable<Root>, root: Root) {
        var reader = MappingReader(table: table, file: file, directory: directory, root: root)
        do {
            let allowed = "a mapping with the sections \(WordList.all(table.sections))"
            reader.read(try YAMLDocument.mapping(of: yaml, file: file, allowed: allowed))
            self = reader.layer
        } catch {
            self.init(root)
            error.problems.forEach { problems.add($0) }
        }
    }

    /// Read the settings of environment variables. Variables outside the sections (`EPSIM_CATALOGUE`) are ignored.
    public init(environment: [String: String], directory: String, table: OptionTable<Root>, root: Root) {
        self.init(root)
        let names = Dictionary(uniqueKeysWithValues: table.options.map { ($0.environmentName, $0) })
        let prefixes = table.sections.map { "EPSIM_\($0.uppercased())_" }
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where prefixes.contains(where: name.hasPrefix) {
            let source = Source.environment(Quoted.key(name))
            guard let setting = names[name] else {
                let nearest = NearestName.of(name, among: table.options.map(\.environmentName))
                let hint = nearest.map { "did you mean \($0)?" } ?? "no setting has this name"
                problems.add(ConfigurationProblem(location: source.location, message: "unknown variable, \(hint)"))
                continue
            }
            add(text, to: setting, key: setting.key, by: source, in: directory)
        }
    }

    /// Read the settings of the command line.
    public init(overrides: [Override], directory: String, table: OptionTable<Root>, root: Root) {
        self.init(root)
        var givers: [String: String] = [:]
        for override in overrides {
            let source = override.source
            let key = Quoted.key(override.key)
            guard let setting = table[override.key] else {
                let message = table.unknown(override.key)
                problems.add(ConfigurationProblem(location: source.location, key: key, message: message))
                continue
            }
            if let first = givers.updateValue(override.giver, forKey: override.key) {
                let message = "given by \(first) and again by \(override.giver), allowed: once"
                problems.add(ConfigurationProblem(location: source.location, key: key, message: message))
                continue
            }
            add(override.value, to: setting, key: key, by: source, in: directory)
        }
    }
}
