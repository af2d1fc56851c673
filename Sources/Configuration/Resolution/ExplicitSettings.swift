import Basics
import Runtime
import Settings

/// What file, environment and flags say together: for each key the strongest source.
struct ExplicitSettings: Sendable {
    /// The values that were said, whether they apply or not, beside the defaults.
    private(set) var values = RunPlan()
    private var byKey: [String: GivenValue] = [:]

    /// Put layers on top of each other, weakest first; throws everything that is wrong in any of them.
    private init(layers: [Layer<RunPlan>]) throws(ConfigurationError) {
        var problems = ProblemList()
        for layer in layers {
            problems.add(layer.problems)
            for assignment in layer.assignments {
                byKey[assignment.key] = assignment
                RunPlan.table[assignment.key]?.copy(layer.values, &values)
            }
        }
        try problems.throwIfAny()
    }

    /// Read the three sources that people write, weakest first.
    ///
    /// - Parameters:
    ///   - yaml: the text of the configuration file.
    ///   - file: its name, for errors and sources.
    ///   - directory: its folder, absolute, where its relative paths start.
    ///   - workingDirectory: where the relative paths of the other sources start, absolute.
    init(
        yaml: String,
        file: String,
        directory: String,
        environment: [String: String],
        overrides: [Override],
        workingDirectory: String
    ) throws(ConfigurationError) {
        let (table, root) = (RunPlan.table, RunPlan())
        try self.init(layers: [
            Layer(yaml: yaml, file: file, directory: directory, table: table, root: root),
            Layer(environment: environment, directory: workingDirectory, table: table, root: root),
            Layer(overrides: overrides, directory: workingDirectory, table: table, root: root),
        ])
    }

    /// Read the command line alone, on top of what is known otherwise.
    init(overrides: [Override], over known: Layer<RunPlan>) throws(ConfigurationError) {
        let table = RunPlan.table
        try self.init(layers: [known, Layer(overrides: overrides, directory: "/", table: table, root: known.values)])
    }

    subscript(key: String) -> GivenValue? { byKey[key] }
}
