import Basics
import MoE
import Runtime
import Settings
internal import Yams

/// A catalogue of published models, by name.
struct Catalogue: Sendable {
    /// The path of the catalogue file, for errors and sources.
    let file: String
    private(set) var models: [String: ModelFacts] = [:]

    /// Read the text of a catalogue file: `models:` with one mapping per model.
    init(yaml: String, file: String) throws(ConfigurationError) {
        self.file = file
        var problems = ProblemList()
        let allowed = "a mapping with the key models"
        for (key, value) in try YAMLDocument.mapping(of: yaml, file: file, allowed: allowed) {
            if key.string == "models", case .mapping(let entries) = value {
                read(entries, &problems)
            } else {
                let location = YAMLDocument.source(of: key, in: file).location
                let found = key.string == "models" ? NodeText.found(value) : NodeText.found(key)
                let message = "found \(found), allowed: models: with one mapping per model"
                problems.add(ConfigurationProblem(location: location, message: message))
            }
        }
        try problems.throwIfAny()
    }

    private mutating func read(_ entries: Node.Mapping, _ problems: inout ProblemList) {
        for (key, value) in entries {
            let source = YAMLDocument.source(of: key, in: file)
            guard let name = key.string, Self.isName(name), case .mapping(let entry) = value else {
                let message =
                    "found \(NodeText.found(key)) with \(NodeText.found(value)), allowed: a name in "
                    + "lower-case letters, digits, points and dashes, with a mapping"
                problems.add(ConfigurationProblem(location: source.location, key: "models", message: message))
                continue
            }
            models[name] = facts(of: entry, name, source, &problems)
        }
    }

    private func facts(
        of entry: Node.Mapping,
        _ name: String,
        _ source: Source,
        _ problems: inout ProblemList
    ) -> ModelFacts {
        let schema = ModelFactsSchema.schema
        let prefix = "models.\(name)."
        var reader = MappingReader(table: schema, file: file, directory: "", prefix: prefix, root: ModelFacts())
        reader.read(entry)
        problems.add(reader.layer.problems)
        let given = Set(reader.layer.assignments.map(\.key))
        for setting in schema.options where setting.isRequired && !given.contains(setting.key) {
            let message = "missing, allowed: \(setting.allowed)"
            problems.add(
                ConfigurationProblem(location: source.location, key: prefix + setting.key, message: message)
            )
        }
        return reader.layer.values
    }

    /// True for lower-case letters, digits, points and dashes.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789.-".utf8.contains($0) }
    }
}

extension Catalogue {
    /// The preset that `model.preset` names.
    ///
    /// - Throws: `ConfigurationError` with the nearest names where the catalogue has no such model.
    func preset(_ given: GivenValue) throws(ConfigurationError) -> Preset {
        let names = models.keys.sorted()
        let aliases = Dictionary(
            models.flatMap { name, facts in facts.aliases.map { ($0, name) } },
            uniquingKeysWith: { first, _ in first }
        )
        let match = LooseName(given.text).match(names + aliases.keys.sorted())
        if let found = match.name, let facts = models[aliases[found] ?? found] {
            return Preset(name: aliases[found] ?? found, file: file, facts: facts)
        }
        let hint = match.near.isEmpty ? "" : "did you mean \(WordList.alternatives(match.near))? "
        let message = "found \(Quoted.text(given.text)), \(hint)allowed: a model of \(file)"
        throw ConfigurationError(
            ConfigurationProblem(location: given.source.location, key: given.key, message: message)
        )
    }
}

/// The keys of a catalogue entry: a new fact takes one line here and one property; the options of the router are those
/// of the router table.
enum ModelFactsSchema {
    static let schema = OptionTable(model + router, maps: ["router.remarks": \.router.remarks])

    private typealias Fact = Option<ModelFacts>

    private static let model: [Fact] = [
        Fact("source", \.source, .words, required: true),
        Fact("alias_of", \.aliasOf, .words),
        Option("aliases", \.aliases, .names, ""),
        Fact("published_total", \.publishedTotal, .words),
        Fact("published_active", \.publishedActive, .words),
        Fact("hidden", \.hidden, .integer(1...1_000_000_000)),
        Fact("layers", \.layers, .integer(1...1_000_000_000)),
        Fact("encoder_layers", \.encoderLayers, .integer(1...1_000_000_000)),
        Fact("decoder_layers", \.decoderLayers, .integer(1...1_000_000_000)),
        Fact("structure", \.structure, .words),
        Fact("moe_layers", \.moeLayers, .integer(1...1_000_000_000), required: true),
        Fact("dense_ffn", \.denseFfn, .integer(1...1_000_000_000)),
        Fact("experts", \.experts, .integer(1...1_000_000_000)),
        Fact("identity_experts", \.identityExperts, .integer(1...1_000_000_000)),
        Fact("top_k", \.topK, .integer(1...1_000_000_000)),
        Fact("expert_ffn", \.expertFfn, .integer(1...1_000_000_000)),
        Fact("activation", \.activation, .choice),
        Fact("activation_note", \.activationNote, .words),
        Fact("expert_biases", \.expertBiases, .boolean),
        Fact("shared_experts", \.sharedExperts, .integer(0...1_000_000_000)),
        Fact("shared_ffn", \.sharedFfn, .integer(1...1_000_000_000)),
        Fact("shared_gate", \.sharedGate, .words),
        Fact("dense_residual_ffn", \.denseResidualFfn, .integer(1...1_000_000_000)),
        Fact("output_scale", \.outputScale, .number(above: 0)),
        Fact("vocab", \.vocab, .integer(1...1_000_000_000)),
        Fact("tied", \.tied, .boolean),
        Fact("computed_expert_total", \.computedExpertTotal, .integer(1...Int.max)),
        Fact("computed_total", \.computedTotal, .integer(1...Int.max)),
        Fact("computed_active", \.computedActive, .integer(1...Int.max)),
        Fact("note", \.note, .words),
    ]

    private static let router: [Fact] =
        [Fact("router.rule", \.router.rule, .router, required: true)]
        + RouterOptions.rows.map { Fact($0.option, at: \.router.options, prefix: "router.", required: false) }
        + RouterOptions.rows.map {
            Fact($0.option, at: \.router.evaluation, prefix: "router.evaluation.", required: false)
        }
}

extension Option where Root == ModelFacts {
    /// Create the option of a fact that may be unknown.
    fileprivate init<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Root, Value?> & Sendable,
        _ rule: ValueRule<Value>,
        required: Bool = false
    ) {
        self.init(optional: key, path, rule, "", required: required)
    }
}

/// A catalogue entry that a run uses: the settings that it gives, and those that it leaves to be chosen.
struct Preset: Sendable {
    let name: String
    /// The path of the catalogue file.
    let file: String
    let facts: ModelFacts

    /// The settings that follow from the facts. Whether each applies and is allowed is checked elsewhere.
    ///
    /// - Parameters:
    ///   - isTraining: whether the options of the router are those of training.
    ///   - scale: the factor on all widths.
    func layer(isTraining: Bool, scale: WidthScale = .one) -> Layer<RunPlan> {
        let shown = scale == .one ? name : "\(name) at \(scale.text)"
        let (table, source) = (RunPlan.table, Source.preset(shown, file: file))
        var layer = Layer(RunPlan())
        func give<Value>(_ path: WritableKeyPath<RunPlan, Value>, _ value: Value?) {
            layer.add(value, to: path, of: table, by: source)
        }
        give(\.model.layers, facts.moeLayers)
        give(\.model.hidden, facts.hidden.map(scale.of))
        give(\.model.experts, facts.experts)
        give(\.model.identityExperts, facts.identityExperts)
        give(\.model.expertFfn, facts.expertFfn.map(scale.of))
        give(\.model.activation, facts.activation)
        give(\.model.expertBiases, facts.expertBiases)
        give(\.model.sharedFfn, facts.sharedExperts == 0 ? 0 : facts.sharedFfn.map(scale.of))
        give(\.model.sharedGate, facts.sharedGate.map { _ in true })
        give(\.model.denseFfn, facts.denseResidualFfn.map(scale.of))
        give(\.model.outputScale, facts.outputScale)
        give(\.router.kind, facts.router.rule)
        var values = RunPlan()
        values.router.options = facts.router.options(isTraining: isTraining)
        values.router.options.topK = values.router.options.topK ?? facts.topK
        layer.add(RunPlan.routerOptions, from: values, by: source)
        return layer
    }

    /// The keys of the settings that have to be chosen because the facts that would give them are unknown.
    var open: [String] {
        let options = facts.router.options
        let isTwoLevel = facts.router.rule == "hierarchical"
        let fields: [(key: String, isKnown: Bool)] = [
            ("model.hidden", facts.hidden != nil),
            ("model.experts", facts.experts != nil),
            ("model.expert_ffn", facts.expertFfn != nil),
            ("model.activation", facts.activation != nil),
            ("model.shared_ffn", facts.sharedExperts ?? 0 == 0 || facts.sharedFfn != nil),
            ("router.top_k", facts.topK != nil),
            ("router.devices", options.deviceLoss == nil || options.devices != nil),
            ("router.hierarchy_groups", !isTwoLevel || options.hierarchyGroups != nil),
        ]
        return fields.filter { !$0.isKnown }.map(\.key)
    }
}
