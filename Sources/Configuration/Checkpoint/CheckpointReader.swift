import Basics
internal import Experts
internal import MoE
import Runtime
import Settings
import Workloads

/// The reader of the checkpoint that the settings name: of its tensor names and shapes, never of its weights.
struct CheckpointReader {
    private let explicit: ExplicitSettings
    private let given: GivenValue

    /// The facts of the checkpoint, or nil when the settings name none.
    ///
    /// - Throws: `ConfigurationError` with the first problem of checkpoint, family, layers or config.json.
    static func facts(_ explicit: ExplicitSettings) throws(ConfigurationError) -> CheckpointFacts? {
        guard let given = explicit["model.checkpoint"] else { return nil }
        return try CheckpointReader(explicit: explicit, given: given).facts()
    }

    private func facts() throws(ConfigurationError) -> CheckpointFacts {
        do {
            let checkpoint = try Checkpoint(path: given.text)
            let identity = try ModelIdentity.beside(given.text)
            let family = try family(of: checkpoint, identity)
            let configuration = try CheckpointConfiguration.beside(given.text, of: family)
            try checkChoices(configuration, family)
            let numbers = try numbers(in: checkpoint, family)
            let source = try CheckpointSource(
                checkpoint: checkpoint,
                family: family,
                layers: numbers,
                clamp: configuration?.clamp
            )
            let ofLayers =
                try configuration?.check(layers: numbers, areAll: !areChosen, of: family, in: checkpoint) ?? []
            for layer in source.layers {
                try configuration?.check(against: layer)
                try layer.checkExperts()
            }
            if let contradiction = CheckpointRouter(family: family, configuration: configuration).contradiction {
                let said = contradiction.trimmingPrefix("config.json ")
                throw problem("\(identity?.path ?? given.text): \(said)")
            }
            return CheckpointFacts(
                path: given.text,
                family: family,
                layers: numbers,
                shape: source.shape,
                configuration: configuration,
                forced: forced(family, identity),
                notes: notes(source, configuration, family, identity) + ofLayers
            )
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw problem("\(error)")
        }
    }

    /// Find the family of the checkpoint: the one that `model.family` names, else the one that config.json names; where
    /// there is no config.json, the only one whose tensors the checkpoint holds.
    private func family(of checkpoint: Checkpoint, _ identity: ModelIdentity?) throws -> CheckpointFamily {
        if let name = explicit.values.model.family {
            // Encoder and decoder of one model are two families; whichever is there is meant.
            let named = try CheckpointFamily.named(name)
            let siblings = [named] + CheckpointFamily.all.filter { $0.modelTypes == named.modelTypes }
            return siblings.first { $0.fits(checkpoint) } ?? named
        }
        let named = identity?.families ?? CheckpointFamily.all
        if let identity, named.isEmpty { throw unknown(identity, checkpoint) }
        if named.count == 1 { return named[0] }
        let fitting = named.filter { $0.fits(checkpoint) }
        if fitting.count == 1 { return fitting[0] }
        let names = (fitting.isEmpty ? CheckpointFamily.all : fitting).map(\.name)
        let found =
            fitting.isEmpty
            ? "a checkpoint that fits no known family" : "a checkpoint that fits \(fitting.count) families"
        throw problem("found \(found), allowed: model.family \(WordList.alternatives(names))")
    }

    /// The error for a model that no family is called by: what its tensors are called says nothing of what it computes.
    private func unknown(_ identity: ModelIdentity, _ checkpoint: Checkpoint) -> ConfigurationError {
        let fitting = CheckpointFamily.all.filter { $0.fits(checkpoint) }.map(\.name)
        let force =
            fitting.isEmpty
            ? "its tensors fit no family, so model.family cannot help"
            : "model.family \(WordList.alternatives(fitting)) would force the router, activation and layout of that family "
                + "on it, as its tensors have the same names"
        if let conflict = identity.conflict {
            return problem("in \(identity.path), \(conflict), allowed: both of one family; \(force)")
        }
        let types = WordList.alternatives(Set(CheckpointFamily.all.flatMap(\.modelTypes)).sorted())
        return problem(
            "found \(identity.words) in \(identity.path), a model that is not known, allowed: model_type \(types); \(force)"
        )
    }

    /// What config.json calls the model, where the family is none that it is called by; else nil.
    private func forced(_ family: CheckpointFamily, _ identity: ModelIdentity?) -> String? {
        guard explicit.values.model.family != nil, let identity, !identity.families.contains(family) else { return nil }
        return identity.words
    }

    private func notes(
        _ source: CheckpointSource,
        _ configuration: CheckpointConfiguration?,
        _ family: CheckpointFamily,
        _ identity: ModelIdentity?
    ) -> [String] {
        var notes: [String] = []
        if let words = forced(family, identity), let said = explicit["model.family"] {
            notes.append(
                "family \(family.name) was forced by model.family (\(said.source)): config.json says \(words), whose router "
                    + "and activation may differ"
            )
        }
        if let note = identity?.note { notes.append(note) }
        if identity == nil {
            let guess =
                explicit.values.model.family == nil
                ? "names the model: family \(family.name) was taken, the only one that its tensors fit, with"
                : "says how its router works: it is"
            notes.append(
                "no config.json \(guess) router \(family.routerName) as it was published"
                    + choices(family, source.shape)
            )
        }
        let given = RouterOptions.rows.map(\.option.key).filter { explicit["router.\($0)"] != nil }
        if explicit["router.kind"] == nil {
            let router = CheckpointRouter(family: family, configuration: configuration)
            if let note = router.unreadNote(given: Set(given)) { notes.append(note) }
        }
        if let layer = source.layers.first { notes += configuration?.notes(on: layer, given: Set(given)) ?? [] }
        return notes + source.notes
    }

    /// The experts per token of a family without a config.json, as the end of a note; empty where a setting says them.
    private func choices(_ family: CheckpointFamily, _ shape: ModelShape) -> String {
        let options = CheckpointRouter(family: family, configuration: nil).options
        guard explicit["router.top_k"] == nil, explicit["router.kind"] == nil,
            RouterCatalogue.entry(named: family.routerName)?.reads(\.topK) == true,
            let router = try? RouterCatalogue.router(named: family.routerName, options: options)
        else { return "" }
        return
            ", which gives a token \(Counted.text(router.mostCopies(experts: shape.candidates), "expert")) (router.top_k)"
    }

    /// Throw where nothing says how many experts a token has: neither config.json, nor its class, nor `router.top_k`.
    private func checkChoices(_ configuration: CheckpointConfiguration?, _ family: CheckpointFamily) throws {
        guard let configuration, family.defaults?.hasNoChoices == true, configuration.options.topK == nil,
            explicit["router.top_k"] == nil
        else { return }
        throw problem(
            "config.json leaves out num_experts_per_tok, which \(configuration.className ?? family.name) does not have, "
                + "allowed: router.top_k"
        )
    }

    /// Whether `model.layer` names layers by their numbers.
    private var areChosen: Bool {
        if case .numbers = explicit.values.model.layer { true } else { false }
    }

    private func numbers(in checkpoint: Checkpoint, _ family: CheckpointFamily) throws -> [Int] {
        if case .numbers(let numbers) = explicit.values.model.layer { return numbers }
        let numbers = family.layerNumbers(in: checkpoint)
        guard numbers.count <= LayerChoice.most else {
            throw problem("holds \(numbers.count) layers, allowed: model.layer with at most \(LayerChoice.most)")
        }
        // A layer that does not exist makes the error that says why there are none.
        return numbers.isEmpty ? [0] : numbers
    }

    private func problem(_ message: String) -> ConfigurationError {
        ConfigurationError(ConfigurationProblem(location: given.source.location, key: given.key, message: message))
    }
}

/// The facts of a checkpoint, and the settings that it gives to the run.
struct CheckpointFacts: Sendable {
    /// The absolute path of the checkpoint.
    let path: String
    let family: CheckpointFamily
    /// The numbers of the checkpoint's layers, in the order of the run.
    let layers: [Int]
    /// The shape of the model that the chosen layers of the checkpoint make.
    let shape: ModelShape
    /// The config.json beside the checkpoint, or nil when there is none.
    let configuration: CheckpointConfiguration?
    /// What config.json calls the model, where `model.family` forced another family on it; else nil.
    let forced: String?
    /// What was taken for granted, a sentence each.
    let notes: [String]

    /// The source of settings that the checkpoint gives.
    var source: Source { .checkpoint(path) }

    /// The settings that follow from the checkpoint. Whether each applies is checked elsewhere.
    var layer: Layer<RunPlan> {
        var layer = sizes
        add(family.name, \.model.family, to: &layer)
        add(.numbers(layers), \.model.layer, to: &layer)
        add(configuration?.tokenDropout.map { 1 - $0 } ?? family.outputScale, \.model.outputScale, to: &layer)
        if family.activation == .clampedSwiglu {
            add(configuration?.clamp.limit, \.model.swigluLimit, to: &layer)
            add(configuration?.clamp.alpha, \.model.swigluAlpha, to: &layer)
        }
        add(family.routerName, \.router.kind, to: &layer)
        var values = RunPlan()
        values.router.options = CheckpointRouter(family: family, configuration: configuration).options
        layer.add(RunPlan.routerOptions, from: values, by: source)
        return layer
    }

    /// The settings that the shapes of the tensors decide; an explicit setting with another value is an error.
    var sizes: Layer<RunPlan> {
        var layer = Layer(RunPlan())
        add(shape.layers, \.model.layers, to: &layer)
        add(shape.hidden, \.model.hidden, to: &layer)
        add(shape.experts, \.model.experts, to: &layer)
        add(shape.identityExperts, \.model.identityExperts, to: &layer)
        add(shape.expert.ffn, \.model.expertFfn, to: &layer)
        add(shape.expert.activation, \.model.activation, to: &layer)
        add(shape.expert.hasBiases, \.model.expertBiases, to: &layer)
        add(shape.sharedExpert?.ffn ?? 0, \.model.sharedFfn, to: &layer)
        add(shape.sharedExpert.map { _ in shape.hasSharedGate }, \.model.sharedGate, to: &layer)
        add(shape.denseExpert?.ffn ?? 0, \.model.denseFfn, to: &layer)
        return layer
    }

    private func add<Value>(
        _ value: Value?,
        _ path: WritableKeyPath<RunPlan, Value>,
        to layer: inout Layer<RunPlan>
    ) {
        layer.add(value, to: path, of: RunPlan.table, by: source)
    }
}

/// The options of a family's router, from the `config.json` of a checkpoint.
///
/// The rules are those of transformers' modeling files, in evaluation.
struct CheckpointRouter {
    let family: CheckpointFamily
    let configuration: CheckpointConfiguration?

    /// The known options; nil where the config.json says nothing.
    var options: RouterOptions {
        var options = configuration?.options ?? RouterOptions()
        options.training = false
        options.topK = options.topK ?? family.fixedChoices
        // DeepSeek-V2's class in transformers does not read `norm_topk_prob`.
        if configuration?.modelType.map({ $0 == "deepseek_v2" }) ?? (family.name == "deepseek-v2") {
            options.normalize = nil
        }
        // The greedy method does not look at groups.
        if configuration?.topKMethod == "greedy" { (options.groups, options.groupsKept) = (1, 1) }
        if let configuration { setCapacity(configuration, &options) }
        return options
    }

    /// Set the capacity and drop options from NLLB's keys: a constant number of slots, or in evaluation a fraction of
    /// the tokens, and the order in which copies are kept.
    private func setCapacity(_ config: CheckpointConfiguration, _ options: inout RouterOptions) {
        if let fraction = config.evalCapacityFraction, fraction > 0 {
            (options.capacityOf, options.capacityFactor) = (.tokenFraction, fraction)
        } else if let slots = config.expertCapacity {
            (options.capacityOf, options.capacityFactor) = (.slots, Double(slots))
        }
        options.drop = config.isBatchPrioritized.map { .by($0 ? .batchPrioritised : .choice) }
        options.normalizeMoment = config.normalizesBeforeDrop.map { $0 ? .beforeDrop : .afterDrop }
        options.further = config.secondExpertPolicy.flatMap { Self.policies[$0] }
        if options.further?.hasThreshold == true { options.furtherThreshold = 0.5 }
    }

    /// The policies by NLLB's `second_expert_policy`; with `random` a token gets its second expert where twice that
    /// expert's score exceeds a uniform random number.
    private static let policies: [String: FurtherPolicy] = [
        "all": .all, "sampling": .sampling, "random": .randomByScore,
    ]

    /// A contradiction between the config.json and the options of the router, as a sentence, or nil.
    var contradiction: String? {
        let score = RouterCatalogue.entry(named: family.routerName)?.rule?.score
        if let said = configuration?.scoreFunction, let score, said != score.rawValue {
            return
                "config.json says \(configuration?.scoreKey ?? "") \(Quoted.text(said)); family \(family.name) scores by \(score.rawValue)"
        }
        if configuration?.usesSelectionBias == false, family.hasSelectionBias {
            return
                "config.json says that no bias moves the choice of experts (use_routing_bias or "
                + "moe_router_enable_expert_bias is false); family \(family.name) chooses with one"
        }
        if let said = configuration?.secondExpertPolicy, Self.policies[said] == nil {
            let allowed = WordList.alternatives(Self.policies.keys.sorted())
            return "config.json says second_expert_policy \(Quoted.text(said)), allowed: \(allowed)"
        }
        return methodContradiction
    }

    /// The router's keys that the file has, the class does not read, and that say something else than the class does, as
    /// a sentence; nil where there are none.
    ///
    /// - Parameter given: the options that settings give, by their keys, whatever the file says.
    func unreadNote(given: Set<String>) -> String? {
        guard let configuration, let className = configuration.className,
            let base = RouterCatalogue.entry(named: family.routerName)?.rule
        else { return nil }
        let rule = base.applying(options)
        var unread = configuration.unread
        if let normalize = configuration.options.normalize, options.normalize == nil {
            unread["norm_topk_prob"] = .bool(normalize)
        }
        let others = unread.sorted { $0.key < $1.key }.filter { key, value in
            // DeepSeek-V3's method, which the classes that have it alone do not name.
            if key == "topk_method" { return family.hasSelectionBias && value != .text("noaux_tc") }
            guard let row = RouterOptions.rows.first(where: { $0.checkpointKeys.contains(key) }) else { return false }
            var said = options
            switch value {
            case .bool(let flag): row.set(flag, &said)
            case .integer(let number): row.set(row.kind == .number ? Double(number) : number, &said)
            case .number(let number): row.set(number, &said)
            default: return !given.contains(row.option.key)
            }
            let isOther = row.used.map { $0(base.applying(said)) != $0(rule) } ?? true
            return isOther && !given.contains(row.option.key)
        }
        guard !others.isEmpty else { return nil }
        let keys = WordList.all(others.map { "\($0.key) \($0.value.shown)" })
        return "config.json has \(keys), which \(className) does not read: the router is the same without"
    }

    /// The methods of DeepSeek-V2's class, by `topk_method`, each with whether it looks at groups.
    private static let methods = ["greedy": false, "group_limited_greedy": true]

    private var methodContradiction: String? {
        guard family.defaults?.topKMethod != nil, let said = configuration?.topKMethod else { return nil }
        guard let hasGroups = Self.methods[said] else {
            let allowed = WordList.alternatives(Self.methods.keys.sorted())
            return "config.json says topk_method \(Quoted.text(said)), allowed: \(allowed)"
        }
        let options = configuration?.options
        guard hasGroups, options?.groups == nil || options?.groupsKept == nil else { return nil }
        return
            "config.json says topk_method \(Quoted.text(said)) and leaves out n_group or topk_group, which are needed for it"
    }
}
