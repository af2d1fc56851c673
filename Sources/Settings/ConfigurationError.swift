/// The reasons for which a configuration or the model catalogue cannot be used: every problem that was found.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// The first problems, at most 20.
    public let problems: [ConfigurationProblem]
    /// How many more there are.
    public let omitted: Int

    /// An error with its problems.
    public init(problems: [ConfigurationProblem], omitted: Int = 0) {
        self.problems = problems
        self.omitted = omitted
    }

    /// An error with one problem.
    public init(_ problem: ConfigurationProblem) {
        self.init(problems: [problem])
    }

    /// One line for each problem.
    public var description: String {
        let lines = problems.map(\.description)
        return (omitted == 0 ? lines : lines + ["and \(omitted) more"]).joined(separator: "\n")
    }
}
