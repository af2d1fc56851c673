/// Decides the value of every setting: default < preset < what was said explicitly. Pure.
struct Resolver {
    private let schema = RunSchema.schema
    private let explicit: ExplicitSettings
    private let preset: Preset?
    private let fromPreset: [String: Assignment]
    /// Where the default of a relative path starts, absolute.
    private let workingDirectory: String
    private var configuration = RunConfiguration()
    private var origins: [String: Origin] = [:]
    private var problems = ProblemList()

    /// Resolves explicit settings over a preset.
    static func resolve(
        _ explicit: ExplicitSettings,
        preset: Preset?,
        workingDirectory: String
    ) throws(ConfigurationError) -> ResolvedConfiguration {
        var resolver = Resolver(explicit: explicit, preset: preset, workingDirectory: workingDirectory)
        return try resolver.resolve()
    }

    private init(explicit: ExplicitSettings, preset: Preset?, workingDirectory: String) {
        self.explicit = explicit
        self.preset = preset
        self.workingDirectory = workingDirectory
        let assignments = preset?.assignments ?? []
        fromPreset = Dictionary(assignments.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private mutating func resolve() throws(ConfigurationError) -> ResolvedConfiguration {
        schema.settings.forEach { settle($0) }
        preset?.choices.forEach { checkChoice($0.keys, $0.reason) }
        try problems.throwIfAny()
        CrossChecks(configuration: configuration, origins: origins).problems.forEach { problems.add($0) }
        try problems.throwIfAny()
        return ResolvedConfiguration(configuration: configuration, values: values)
    }

    /// Gives one setting its value. Conditions name earlier settings, so whether this one applies is known.
    private mutating func settle(_ setting: Setting<RunConfiguration>) {
        if let unmet = schema.unmetCondition(of: setting, in: configuration) {
            if let given = explicit[setting.key] {
                reject(given, unmet)
            }
            return
        }
        if let given = explicit[setting.key] ?? fromPreset[setting.key] {
            if !setting.assign(given.text, &configuration) {
                problems.add(.value(given.text, of: setting.key, allowed: setting.allowed, at: given.origin))
            }
            origins[setting.key] = given.origin
        } else {
            settleDefault(setting)
        }
    }

    private mutating func settleDefault(_ setting: Setting<RunConfiguration>) {
        origins[setting.key] = .builtIn
        if let path = setting.text(configuration), setting.form == .path {
            _ = setting.assign(PathText.absolute(path, in: workingDirectory), &configuration)
        }
        guard setting.isRequired, let condition = setting.condition, let reason = origins[condition.key] else { return }
        let message = "missing, required when \(words(condition, reason)), allowed: \(setting.allowed)"
        problems.add(ConfigurationProblem(location: reason.location, key: setting.key, message: message))
    }

    private mutating func reject(_ given: Assignment, _ unmet: Condition) {
        let found = words(unmet, origins[unmet.key] ?? .builtIn)
        let message = "does not apply: it applies when \(unmet.words), but \(found)"
        problems.add(ConfigurationProblem(location: given.origin.location, key: given.key, message: message))
    }

    /// `workload.kind is text (a.yaml:7)`.
    private func words(_ condition: Condition, _ origin: Origin) -> String {
        let value = schema[condition.key].flatMap { $0.text(configuration) } ?? ""
        return "\(condition.key) is \(value) (\(origin))"
    }

    /// Reports the keys of a choice that a preset leaves open and nobody made.
    private mutating func checkChoice(_ keys: [String], _ reason: String) {
        let open = keys.filter { key in
            guard explicit[key] == nil, let setting = schema[key] else { return false }
            return schema.unmetCondition(of: setting, in: configuration) == nil
        }
        guard !open.isEmpty, let given = explicit["model.preset"] else { return }
        let message = "\(reason): choose \(WordList.all(open)) explicitly"
        problems.add(ConfigurationProblem(location: given.origin.location, key: given.key, message: message))
    }

    private var values: [ResolvedValue] {
        schema.settings.compactMap { setting in
            guard let origin = origins[setting.key] else { return nil }
            return ResolvedValue(
                key: setting.key,
                text: setting.text(configuration),
                unit: setting.unit,
                origin: origin
            )
        }
    }
}
