import Basics
import Runtime
import Settings

/// The settings that file, environment and flags give together: for each key the value of the strongest source.
struct ExplicitSettings: Sendable {
    /// The given values, whether they apply or not, over the defaults.
    private(set) var values = RunPlan()
    private var byKey: [String: GivenValue] = [:]
    /// The keys that the environment, a flag or a sweep gives: to this command, where a file may serve several.
    private var ofCommand: Set<String> = []
    /// The keys that are left out where nothing reads them.
    private var optional: Set<String> = []

    /// Merge layers, weakest first; throw all problems of all layers.
    private init(base: Layer<RunPlan>, ofCommand layers: [Layer<RunPlan>], _ overrides: [Override])
        throws(ConfigurationError)
    {
        var problems = ProblemList()
        for layer in [base] + layers {
            problems.add(layer.problems)
            for assignment in layer.assignments {
                byKey[assignment.key] = assignment
                RunPlan.table[assignment.key]?.copy(layer.values, &values)
            }
        }
        try problems.throwIfAny()
        ofCommand = Set(layers.flatMap(\.assignments).map(\.key))
        optional = Set(overrides.filter(\.isLeftOutWhereUnread).map(\.key))
    }

    /// Read the three sources that people write, weakest first: configuration file, environment and command line.
    ///
    /// - Parameters:
    ///   - yaml: the text of the configuration file.
    ///   - file: the path of the file, for errors and sources.
    ///   - directory: the folder of the file, absolute, where its relative paths start.
    ///   - workingDirectory: the absolute folder where the relative paths of the other sources start.
    init(
        yaml: String,
        file: String,
        directory: String,
        environment: [String: String],
        overrides: [Override],
        workingDirectory: String
    ) throws(ConfigurationError) {
        let (table, root) = (RunPlan.table, RunPlan())
        try self.init(
            base: Layer(yaml: yaml, file: file, directory: directory, table: table, root: root),
            ofCommand: [
                Layer(environment: environment, directory: workingDirectory, table: table, root: root),
                Layer(overrides: overrides, directory: workingDirectory, table: table, root: root),
            ],
            overrides
        )
    }

    /// Read the settings of a system, with the environment and the command line on top.
    ///
    /// - Parameters:
    ///   - settings: the settings of the system.
    ///   - directory: the absolute folder where the relative paths of the system start.
    init(
        system settings: [Override],
        directory: String,
        environment: [String: String],
        overrides: [Override],
        workingDirectory: String
    ) throws(ConfigurationError) {
        let (table, root) = (RunPlan.table, RunPlan())
        let given = [
            Layer(environment: environment, directory: workingDirectory, table: table, root: root),
            Layer(overrides: overrides, directory: workingDirectory, table: table, root: root),
        ]
        let isBatchGiven = given.contains { $0.assignments.contains { Self.batch.contains($0.key) } }
        let settings = settings.filter { !isBatchGiven || !(Self.batch + ["hardware.kernel"]).contains($0.key) }
        try self.init(
            base: Layer(overrides: settings, directory: directory, table: table, root: root),
            ofCommand: given,
            overrides
        )
    }

    /// The two ways to say how many tokens a step has. Who says it in one way need not know that a system says it in
    /// the other; and the kernel that a system takes is for its own number of tokens.
    private static let batch = ["workload.tokens", "workload.tokens_per_rank"]

    /// Read the command line alone, over the values of a layer that is known otherwise.
    init(overrides: [Override], over known: Layer<RunPlan>) throws(ConfigurationError) {
        let table = RunPlan.table
        let given = Layer(overrides: overrides, directory: "/", table: table, root: known.values)
        try self.init(base: known, ofCommand: [given], overrides)
    }

    subscript(key: String) -> GivenValue? { byKey[key] }

    /// True for a key that is given to this command alone.
    func isOfCommand(_ key: String) -> Bool { ofCommand.contains(key) }

    /// True for a key that is left out where nothing reads it.
    func isLeftOutWhereUnread(_ key: String) -> Bool { optional.contains(key) }
}
