import Settings

/// What file, environment and flags say together: for each key the strongest source.
struct ExplicitSettings: Sendable {
    private let byKey: [String: Assignment]

    /// Puts layers on top of each other, weakest first; throws everything that is wrong in any of them.
    private init(layers: [Layer]) throws(ConfigurationError) {
        var problems = ProblemList()
        var byKey: [String: Assignment] = [:]
        for layer in layers {
            problems.add(layer.problems)
            for assignment in layer.assignments {
                byKey[assignment.key] = assignment
            }
        }
        try problems.throwIfAny()
        self.byKey = byKey
    }

    /// Reads the three sources that people write, weakest first.
    ///
    /// - Parameters:
    ///   - yaml: the text of the configuration file.
    ///   - file: its name, for errors and origins.
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
        try self.init(layers: [
            Layer(yaml: yaml, file: file, directory: directory, table: RunSchema.schema, root: RunConfiguration()),
            Layer(
                environment: environment,
                directory: workingDirectory,
                table: RunSchema.schema,
                root: RunConfiguration()
            ),
            Layer(overrides: overrides, directory: workingDirectory, table: RunSchema.schema, root: RunConfiguration()),
        ])
    }

    /// Reads the command line alone, on top of what is known otherwise.
    init(overrides: [Override], over known: Assignment) throws(ConfigurationError) {
        var layer = Layer()
        layer.add(known)
        try self.init(layers: [
            layer, Layer(overrides: overrides, directory: "/", table: RunSchema.schema, root: RunConfiguration()),
        ])
    }

    subscript(key: String) -> Assignment? { byKey[key] }
}
