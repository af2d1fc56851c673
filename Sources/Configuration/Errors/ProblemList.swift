/// Problems in the order in which they were found. It keeps a bounded number and counts the others, so that a file
/// full of errors costs neither memory nor a screen.
struct ProblemList: Equatable, Sendable {
    /// Problems that are kept.
    static let limit = 20

    private(set) var kept: [ConfigurationProblem] = []
    private(set) var omitted = 0

    var isEmpty: Bool { kept.isEmpty }

    /// Adds a problem; past the limit its text is not even made.
    mutating func add(_ problem: @autoclosure () -> ConfigurationProblem) {
        if kept.count < Self.limit {
            kept.append(problem())
        } else {
            omitted += 1
        }
    }

    mutating func add(_ others: ProblemList) {
        for problem in others.kept {
            add(problem)
        }
        omitted += others.omitted
    }

    /// Throws everything that was found, if anything was.
    func throwIfAny() throws(ConfigurationError) {
        if !isEmpty {
            throw ConfigurationError(problems: kept, omitted: omitted)
        }
    }
}
