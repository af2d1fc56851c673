import Basics
import Cluster
import Experts
import MoE
import Runtime
import Settings
import Workloads

/// The resolver of all settings: default < preset < checkpoint < explicit settings. Pure.
struct Resolver {
    private let schema = RunPlan.table
    private let explicit: ExplicitSettings
    private let preset: Preset?
    private let checkpoint: CheckpointFacts?
    /// The settings that checkpoint and preset give, strongest first.
    private let suggestions: [Suggestion]
    /// The absolute folder where the default of a relative path starts.
    private let workingDirectory: String
    private var plan = RunPlan()
    private var sources: [String: Source] = [:]
    private var problems = ProblemList()
    /// The keys that were left out, since nothing reads them: see ``ResolvedConfiguration/leftOut``.
    private var leftOut: [String] = []
    /// The settings of a file that the command passes over, as only the commands of another clock read them, each with
    /// its source.
    private var passedOver: [(reader: StepClock, setting: String)] = []

    /// Resolve explicit settings over a checkpoint and a preset.
    ///
    /// - Parameters:
    ///   - scope: the part of the configuration that is checked.
    ///   - clock: the clock of the command that is to read it, or nil for none.
    static func resolve(
        _ explicit: ExplicitSettings,
        preset: Preset? = nil,
        checkpoint: CheckpointFacts? = nil,
        workingDirectory: String,
        scope: CrossChecks.Scope = .run,
        clock: StepClock? = nil
    ) throws(ConfigurationError) -> ResolvedConfiguration {
        var resolver = Resolver(explicit, preset, checkpoint, workingDirectory)
        return try resolver.resolve(scope, clock)
    }

    private init(
        _ explicit: ExplicitSettings,
        _ preset: Preset?,
        _ checkpoint: CheckpointFacts?,
        _ workingDirectory: String
    ) {
        self.explicit = explicit
        self.preset = preset
        self.checkpoint = checkpoint
        self.workingDirectory = workingDirectory
        let isTraining = explicit.values.router.options.training ?? true
        let ofPreset = preset?.layer(isTraining: isTraining, scale: explicit.values.model.scale)
        suggestions = [checkpoint?.layer, ofPreset].compactMap(\.self).map(Suggestion.init)
    }

    private mutating func resolve(
        _ scope: CrossChecks.Scope,
        _ clock: StepClock?
    ) throws(ConfigurationError) -> ResolvedConfiguration {
        schema.resolutionOrder.forEach { settle($0) }
        if let clock { checkReaders(clock) }
        settleTokens()
        if let checkpoint {
            // What was written may have been another name, or a word for several layers.
            plan.model.family = checkpoint.family.name
            plan.model.layer = .numbers(checkpoint.layers)
        }
        checkpoint.map { checkSizes($0.sizes) }
        checkPreset()
        try problems.throwIfAny()
        CrossChecks(plan: plan, sources: sources, scope: scope).problems.forEach { problems.add($0) }
        try problems.throwIfAny()
        return ResolvedConfiguration(
            plan: plan,
            values: values,
            notes: (checkpoint?.notes ?? []) + overshadowed + notRead(clock),
            unread: passedOver.map(\.setting),
            forcedOn: checkpoint?.forced,
            leftOut: leftOut,
            published: published
        )
    }

    /// Give one setting its value and its source. The settings that its condition names come before it, so whether it
    /// applies is known.
    private mutating func settle(_ setting: Option<RunPlan>) {
        if let obstacle = schema.obstacle(to: setting, in: plan) {
            if let given = explicit[setting.key] {
                // A sweep that varies what a key of its configuration depends on does not want the key everywhere.
                let isOfOther = !explicit.isOfCommand(setting.key) && explicit.isLeftOutWhereUnread(obstacle.key)
                if isOfOther || explicit.isLeftOutWhereUnread(setting.key) {
                    leftOut.append(setting.key)
                } else {
                    reject(given, obstacle)
                }
            }
            return
        }
        if let (given, values) = source(of: setting.key) {
            if setting.isAllowed(values) {
                setting.copy(values, &plan)
            } else {
                problems.add(setting.problem(given.text, key: setting.key, at: given.source))
            }
            sources[setting.key] = given.source
        } else {
            settleDefault(setting)
        }
    }

    /// Report the given settings that the command does not read: those of the other clock that are given to this
    /// command, or whose effect its results would lack.
    private mutating func checkReaders(_ clock: StepClock) {
        for setting in schema.options where schema.obstacle(to: setting, in: plan) == nil {
            guard let given = explicit[setting.key], let reader = setting.readers.clock, reader != clock else {
                continue
            }
            let isDefault = setting.text(explicit.values) == setting.text(RunPlan())
            let hasEffect = setting.readers == .effect(reader) && !isDefault
            let isOfCommand = setting.readers == .only(reader) && explicit.isOfCommand(setting.key)
            if hasEffect || isOfCommand {
                let message = "does not apply: only \(reader.commands) read it, and this is \(clock.command)"
                problems.add(
                    ConfigurationProblem(location: given.source.location, key: given.key, message: message)
                )
            } else if !isDefault, case .file = given.source {
                passedOver.append((reader, "\(given.key) (\(given.source))"))
            }
        }
    }

    /// A note on the settings of a file that serves commands of both clocks which this one does not read.
    private func notRead(_ clock: StepClock?) -> [String] {
        guard let clock else { return [] }
        return StepClock.allCases.compactMap { reader in
            let settings = passedOver.filter { $0.reader == reader }.map(\.setting)
            guard !settings.isEmpty else { return nil }
            return "\(clock.command) does not read settings of \(reader.commands): "
                + settings.joined(separator: ", ")
        }
    }

    /// Set the tokens per step from the tokens per rank, where those are given.
    private mutating func settleTokens() {
        guard !settleTokensBySource() else { return }
        let (tokens, perRank) = ("workload.tokens", "workload.tokens_per_rank")
        guard let ofRank = plan.workload.tokensPerRank, let source = sources[perRank] else { return }
        let wanted = ofRank * plan.cluster.workers
        if let given = explicit[tokens], plan.workload.tokens != wanted {
            let reason =
                "\(words(perRank, source)) and \(words("cluster.workers", sources["cluster.workers"] ?? .builtIn))"
            let message = "found \(Quoted.value(given.text)), allowed: \(wanted), as \(reason)"
            problems.add(ConfigurationProblem(location: given.source.location, key: tokens, message: message))
        }
        plan.workload.tokens = wanted
        if schema[tokens]?.isAllowed(plan) != true {
            let message =
                "found \(ofRank), allowed: \(tokens) \(schema[tokens]?.allowed ?? ""), and that would be \(wanted)"
            problems.add(ConfigurationProblem(location: source.location, key: perRank, message: message))
        }
        sources[tokens] = source
    }

    /// Set the tokens per step from the tokens of each source rank, where those are given; false where they are not.
    private mutating func settleTokensBySource() -> Bool {
        let (tokens, key) = ("workload.tokens", "workload.tokens_by_source")
        guard let bySource = plan.workload.tokensBySource, let source = sources[key] else { return false }
        let (sum, workers) = (bySource.reduce(0, +), plan.cluster.workers)
        func add(_ found: String, _ allowed: String) {
            let message = "found \(found), allowed: \(allowed)"
            problems.add(ConfigurationProblem(location: source.location, key: key, message: message))
        }
        if bySource.count != workers {
            let reason = words("cluster.workers", sources["cluster.workers"] ?? .builtIn)
            add("\(bySource.count) numbers", "\(workers), one for each rank, as \(reason)")
        }
        if let given = explicit[tokens], plan.workload.tokens != sum {
            let message = "found \(Quoted.value(given.text)), allowed: \(sum), the sum of \(words(key, source))"
            problems.add(ConfigurationProblem(location: given.source.location, key: tokens, message: message))
        }
        if let perRank = explicit["workload.tokens_per_rank"] {
            let message = "does not apply: \(words(key, source)) gives the tokens of each rank"
            problems.add(
                ConfigurationProblem(location: perRank.source.location, key: perRank.key, message: message)
            )
        }
        plan.workload.tokens = sum
        if schema[tokens]?.isAllowed(plan) != true { add("a sum of \(sum)", schema[tokens]?.allowed ?? "") }
        sources[tokens] = source
        return true
    }

    /// The given value of an option, and a plan with all values of the source that gives it; nil where the default
    /// holds.
    private func source(of key: String) -> (GivenValue, RunPlan)? {
        if let given = explicit[key] { return (given, explicit.values) }
        let kind = plan.router.kind
        return suggestions.lazy.compactMap { source in source[key, kind].map { ($0, source.layer.values) } }.first
    }

    private mutating func settleDefault(_ setting: Option<RunPlan>) {
        sources[setting.key] = .builtIn
        if let path = setting.text(plan), setting.form == .path {
            _ = setting.assign(PathText.absolute(path, in: workingDirectory), &plan)
        }
        guard setting.isRequired, let key = setting.condition?.keys.last, let reason = sources[key] else { return }
        let message = "missing, required when \(words(key, reason)), allowed: \(setting.allowed)"
        problems.add(ConfigurationProblem(location: reason.location, key: setting.key, message: message))
    }

    private mutating func reject(_ given: GivenValue, _ obstacle: Obstacle) {
        let found = words(obstacle.key, sources[obstacle.key] ?? .builtIn)
        let message = "does not apply: it applies when \(obstacle.words), but \(found)"
        problems.add(ConfigurationProblem(location: given.source.location, key: given.key, message: message))
    }

    /// A setting with value and source, as in `workload.kind is text (a.yaml:7)`.
    private func words(_ key: String, _ source: Source) -> String {
        let setting = schema[key]
        return "\(key) is \(setting?.text(plan) ?? setting?.absence ?? "") (\(source))"
    }

    /// Report explicit sizes that differ from those of the checkpoint.
    private mutating func checkSizes(_ sizes: Layer<RunPlan>) {
        for said in sizes.assignments where sources[said.key] != nil {
            guard let given = explicit[said.key], let setting = schema[said.key],
                setting.isAllowed(sizes.values), setting.text(plan) != said.text
            else { continue }
            let message = "found \(Quoted.value(given.text)), allowed: \(said.text), as \(said.source) has it"
            problems.add(ConfigurationProblem(location: given.source.location, key: said.key, message: message))
        }
    }

    /// Report the settings that the preset leaves open and no source gives.
    private mutating func checkPreset() {
        guard let preset, let given = explicit["model.preset"] else { return }
        let open = preset.open.filter { sources[$0] == .builtIn }
        guard !open.isEmpty else { return }
        let names = WordList.all(open)
        let message = "of \(preset.name) the catalogue does not know \(names): choose \(names) explicitly"
        problems.add(ConfigurationProblem(location: given.source.location, key: given.key, message: message))
    }

    /// A note on a preset that was chosen for this run alone while the file gives values other than the preset's: it
    /// looks as if the model of the preset ran, and it does not.
    private var overshadowed: [String] {
        guard let preset, let given = explicit["model.preset"], given.source.isOfOneRun else { return [] }
        let kept = suggestions.flatMap(\.layer.assignments).filter { said in
            guard case .file? = sources[said.key] else { return false }
            return schema[said.key]?.text(plan) != said.text
        }
        guard !kept.isEmpty else { return [] }
        return [
            "model.preset is \(preset.name) (\(given.source)), but this is not its model: what a file gives is stronger "
                + "than a preset, and the file gives \(WordList.all(kept.map(\.key)))"
        ]
    }

    /// The options of the router that preset, checkpoint and system give.
    private var published: RouterOptions {
        var published = RunPlan()
        for option in RunPlan.routerOptions {
            if case .data? = explicit[option.key]?.source {
                option.copy(explicit.values, &published)
                continue
            }
            let source = suggestions.first { $0[option.key, plan.router.kind] != nil }
            if let source { option.copy(source.layer.values, &published) }
        }
        return published.router.options
    }

    private var values: [ResolvedValue] {
        let used = UsedRouterOptions(plan).values
        return schema.options.compactMap { setting in
            guard let source = sources[setting.key] else { return nil }
            let text = setting.text(plan)
            let known = text == nil ? used[setting.key] : nil
            return ResolvedValue(
                key: setting.key,
                text: text,
                used: known ?? nil,
                absence: known == .some(nil) ? "none" : setting.absence,
                isOfRouter: known != nil,
                unit: setting.unit,
                source: source
            )
        }
    }
}

/// The settings of a preset or a checkpoint: weaker than explicit settings, stronger than the defaults.
struct Suggestion: Sendable {
    /// The values of the preset or the checkpoint.
    let layer: Layer<RunPlan>
    private let byKey: [String: GivenValue]

    init(_ layer: Layer<RunPlan>) {
        self.layer = layer
        byKey = Dictionary(layer.assignments.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The value of a key, or nil where the source gives none.
    ///
    /// The options of a router are published for that router: another router takes over only k of them.
    ///
    /// - Parameter router: the name of the configured router.
    subscript(key: String, router: String) -> GivenValue? {
        let isOption = key.hasPrefix("router.") && !["router.kind", "router.top_k"].contains(key)
        if isOption, byKey["router.kind"] != nil, layer.values.router.kind != router { return nil }
        return byKey[key]
    }
}
