public import Basics

/// What one source says: a file, the environment, the flags, a preset or a checkpoint.
public struct Layer<Root: Sendable>: Sendable {
    /// In the order of the source, no key twice.
    public private(set) var assignments: [GivenValue] = []
    /// The values that were given, beside the defaults.
    public internal(set) var values: Root
    /// Everything that is wrong with the source.
    public var problems = ProblemList()

    /// A source that says nothing.
    ///
    /// - Parameter root: the defaults.
    public init(_ root: Root) {
        values = root
    }

    /// Adds the value that a text stands for if its option takes it, else a problem.
    ///
    /// - Parameters:
    ///   - key: the key as errors name it.
    ///   - directory: where relative paths start.
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

    /// Adds those of some options that another root has a value for.
    public mutating func add(_ options: [Option<Root>], from other: Root, by source: Source) {
        for option in options {
            guard let text = option.text(other) else { continue }
            option.copy(other, &values)
            assignments.append(GivenValue(key: option.key, text: text, source: source))
        }
    }

    /// Adds a value that is known, if it is.
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
