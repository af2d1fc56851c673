/// Problems in the order in which they were found. It keeps a bounded number and counts the others, so that a file
/// full of errors costs neither memory nor a screen.
public struct ProblemList: Equatable, Sendable {
    /// Problems that are kept.
    public static let limit = 20

    /// The first of them.
    public private(set) var kept: [ConfigurationProblem] = []
    /// How many more there are.
    public private(set) var omitted = 0

    /// No problems.
    public init() {}

    /// True when nothing was found.
    public var isEmpty: Bool { kept.isEmpty }

    /// Adds a problem; past the limit its text is not even made.
    public mutating func add(_ problem: @autoclosure () -> ConfigurationProblem) {
        if kept.count < Self.limit {
            kept.append(problem())
        } else {
            omitted += 1
        }
    }

    /// Adds those of another list.
    public mutating func add(_ others: ProblemList) {
        for problem in others.kept {
            add(problem)
        }
        omitted += others.omitted
    }

    /// Throws everything that was found, if anything was.
    public func throwIfAny() throws(ConfigurationError) {
        if !isEmpty {
            throw ConfigurationError(problems: kept, omitted: omitted)
        }
    }
}
