/// The reasons for which files of timings cannot be scored: every problem found, at most ``limit`` of them.
public struct TimingError: Error, Equatable, CustomStringConvertible, Sendable {
    /// Problems that are kept.
    public static let limit = 20

    /// The first problems.
    public let problems: [TimingProblem]
    /// How many more there are.
    public let omitted: Int

    /// An error with its problems.
    public init(_ problems: [TimingProblem]) {
        self.problems = Array(problems.prefix(Self.limit))
        omitted = max(0, problems.count - Self.limit)
    }

    /// One line for each problem.
    public var description: String {
        let lines = problems.map(\.description)
        return (omitted == 0 ? lines : lines + ["and \(omitted) more"]).joined(separator: "\n")
    }
}
