/// What file, environment and flags say together: for each key the strongest source.
struct ExplicitSettings: Sendable {
    private let byKey: [String: Assignment]

    /// Puts layers on top of each other, weakest first; throws everything that is wrong in any of them.
    init(layers: [Layer]) throws(ConfigurationError) {
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

    subscript(key: String) -> Assignment? { byKey[key] }
}
