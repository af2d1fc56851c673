import Basics
import MoE
import Runtime
public import Settings
import Yams

/// One mixture-of-experts system of the field's history: its facts, its explanation, and the settings to run it.
public struct MoESystem: Equatable, Sendable {
    /// The name on the command line: lower-case letters, digits and dashes.
    public internal(set) var name = ""
    /// Further names of the system.
    public internal(set) var aliases: [String] = []
    /// The name as publications write it.
    public internal(set) var title = ""
    /// The year of the announcement, the first paper or the first weights, whichever came earliest.
    public internal(set) var year = 0
    /// The catalogue entry with shape and router, or nil.
    public internal(set) var preset: String?
    /// The router, by its name in the router catalogue; nil where the preset names it.
    public internal(set) var router: String?
    /// The published number of routed experts per layer, in words, or nil.
    public internal(set) var experts: String?
    /// The published number of experts per token, in words, or nil.
    public internal(set) var topK: String?
    /// The point of the system in one line.
    public internal(set) var idea = ""
    /// The rule that keeps loads even, in a few words.
    public internal(set) var balance = ""
    /// The rule by which copies are dropped, in a few words.
    public internal(set) var drops = ""
    /// The formulas of gate, choice, weights and losses; several lines.
    public internal(set) var formula = ""
    /// What was new at its time.
    public internal(set) var new = ""
    /// What it cost or left open.
    public internal(set) var cost = ""
    /// Papers, code and configurations that the facts come from.
    public internal(set) var sources = ""
    /// The settings, by key, of a run of a few seconds on two cores.
    public internal(set) var laptop: [String: String] = [:]
    /// The settings, by key, of sizes that nobody published and that a full-size run assumes.
    public internal(set) var assumed: [String: String] = [:]
    /// What epsim lacks to run the system, or nil where it runs.
    public internal(set) var missing: String?

    /// Create a system without facts.
    init() {}

    /// True where epsim runs the system.
    public var isRunnable: Bool { missing == nil }

    /// Throw unless epsim runs the system.
    ///
    /// - Parameter location: where its name was given.
    public func checkRunnable(location: String) throws(ConfigurationError) {
        guard let missing else { return }
        let message =
            "found \(name), which epsim does not run: \(missing); 'epsim systems' lists those that it runs"
        throw ConfigurationError(ConfigurationProblem(location: location, message: message))
    }

    /// The settings of a run of the system, weaker than everything that a person gives.
    ///
    /// - Parameter size: the size of the run.
    public func settings(_ size: SystemSize) -> [Override] {
        var values: [String: String]
        switch size {
        case .laptop:
            values = laptop.merging(["workload.tokens": "\(Self.laptopTokens)"]) { own, _ in own }
        case .published:
            values = assumed.merging(Self.decoding) { own, _ in own }
        }
        if let preset { values["model.preset"] = preset }
        if let router { values["router.kind"] = router }
        let source = Source.data("system \(name)")
        return values.sorted { $0.key < $1.key }.map { Override(key: $0.key, value: $0.value, source: source) }
    }
}

extension MoESystem {
    /// The tokens of a step of a small run: as many for each system, so that loads may be compared.
    private static let laptopTokens = 1024

    /// The tokens of each rank in a step that is predicted.
    public static let tokensPerRank = 128

    /// A step of decoding, the use that most systems are sized for.
    private static let decoding = [
        "workload.tokens_per_rank": "\(tokensPerRank)", "hardware.kernel": "low-latency", "run.steps": "1",
        "run.warmup": "0",
    ]
}

/// The size at which a system is run.
public enum SystemSize: Sendable {
    /// Small widths, for a run of a few seconds on two cores.
    case laptop
    /// As published, for the prediction of a step of decoding.
    case published
}

/// The catalogue of mixture-of-experts systems, in the order of their publication.
public struct SystemCatalogue: Sendable {
    /// The name of the file, beside the catalogue of models.
    static let fileName = "systems.yaml"

    /// The systems, the oldest first.
    public private(set) var systems: [MoESystem] = []
    private let file: String

    /// Read the text of a file: `systems:` with one mapping per system.
    ///
    /// - Throws: `ConfigurationError` with everything that is wrong.
    init(yaml: String, file: String) throws(ConfigurationError) {
        self.file = file
        var problems = ProblemList()
        let allowed = "a mapping with the key systems"
        for (key, value) in try YAMLDocument.mapping(of: yaml, file: file, allowed: allowed) {
            guard key.string == "systems", case .sequence(let entries) = value else {
                let found = key.string == "systems" ? NodeText.found(value) : NodeText.found(key)
                let message = "found \(found), allowed: systems: with a list of systems"
                problems.add(
                    ConfigurationProblem(location: YAMLDocument.source(of: key, in: file).location, message: message)
                )
                continue
            }
            for entry in entries { read(entry, &problems) }
        }
        try problems.throwIfAny()
    }

    private mutating func read(_ entry: Node, _ problems: inout ProblemList) {
        let source = YAMLDocument.source(of: entry, in: file)
        guard case .mapping(let mapping) = entry else {
            let message = "found \(NodeText.found(entry)), allowed: a mapping"
            problems.add(ConfigurationProblem(location: source.location, key: "systems", message: message))
            return
        }
        var reader = MappingReader(
            table: Self.table,
            file: file,
            directory: "",
            prefix: "systems.",
            root: MoESystem()
        )
        reader.read(mapping)
        problems.add(reader.layer.problems)
        let given = Set(reader.layer.assignments.map(\.key))
        for option in Self.table.options where Self.required.contains(option.key) && !given.contains(option.key) {
            let message = "missing, allowed: \(option.allowed)"
            problems.add(
                ConfigurationProblem(location: source.location, key: "systems.\(option.key)", message: message)
            )
        }
        let system = reader.layer.values
        let known = Set(systems.flatMap { [$0.name] + $0.aliases })
        if let twice = ([system.name] + system.aliases).first(where: known.contains) {
            let message = "found \(Quoted.text(twice)) a second time, allowed: each name once"
            problems.add(ConfigurationProblem(location: source.location, key: "systems.name", message: message))
        }
        systems.append(system)
    }

    /// The system of a name or of one of its further names; capital letters, points and underscores do not matter.
    ///
    /// - Parameter location: where the name was given, for the error.
    /// - Throws: `ConfigurationError` with the nearest names where there is no such system.
    public func system(
        named name: String,
        location: String = "flag --system"
    ) throws(ConfigurationError) -> MoESystem {
        let names = systems.flatMap { [$0.name] + $0.aliases }
        let match = LooseName(name).match(names)
        if let found = match.name, let system = systems.first(where: { ([$0.name] + $0.aliases).contains(found) }) {
            return system
        }
        let hint = match.near.isEmpty ? "" : "did you mean \(WordList.alternatives(match.near))? "
        let message = "found \(Quoted.text(name)), \(hint)allowed: a system of 'epsim systems'"
        throw ConfigurationError(ConfigurationProblem(location: location, message: message))
    }

    /// The keys that every system has.
    private static let required: Set = [
        "name", "title", "year", "idea", "balance", "drops", "formula", "new", "cost", "sources",
    ]

    private static let table: OptionTable<MoESystem> = {
        typealias Fact = Option<MoESystem>
        return OptionTable(
            [
                Fact("name", \.name, .words, ""), Fact("title", \.title, .words, ""),
                Fact("year", \.year, .integer(1900...2100), ""), Fact("idea", \.idea, .words, ""),
                Fact("balance", \.balance, .words, ""), Fact("drops", \.drops, .words, ""),
                Fact("formula", \.formula, .lines, ""), Fact("new", \.new, .lines, ""),
                Fact("cost", \.cost, .lines, ""), Fact("sources", \.sources, .lines, ""),
                Fact("aliases", \.aliases, .names, ""), Fact(optional: "preset", \.preset, .words, ""),
                Fact(optional: "router", \.router, .router, ""), Fact(optional: "experts", \.experts, .words, ""),
                Fact(optional: "top_k", \.topK, .words, ""), Fact(optional: "missing", \.missing, .words, ""),
            ],
            maps: ["laptop": \.laptop, "assumed": \.assumed]
        )
    }()
}

extension ValueRule where Value == String {
    /// The rule of a text of several lines.
    fileprivate static var lines: ValueRule {
        ValueRule(
            allowed: "text of 1 to 4096 bytes",
            form: .text,
            value: { (1...4096).contains($0.utf8.count) ? $0 : nil },
            text: { $0 }
        )
    }
}

extension ValueRule where Value == [String] {
    /// The rule of a list of names.
    static var names: ValueRule {
        ValueRule(
            allowed: "a list of names in lower-case letters, digits, points and dashes",
            form: .list,
            value: { text in
                let names = text.split(separator: ",").map(String.init)
                return names.allSatisfy(Catalogue.isName) ? names : nil
            },
            text: { $0.joined(separator: ",") }
        )
    }
}
