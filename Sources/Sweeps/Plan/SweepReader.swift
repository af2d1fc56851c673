import Basics
internal import Runtime
public import Settings
internal import Yams

/// The reader of a sweep file's parts, which collects all problems.
struct SweepReader {
    private(set) var settings: SweepSettings
    private(set) var fixed: [GivenValue] = []
    private(set) var grid: [[GivenValue]] = []
    private(set) var list: [[GivenValue]] = []
    /// The values of the keys outside `set`, `grid` and `list`, by key.
    private var plain: [String: GivenValue] = [:]
    private let file: String
    private let directory: String
    private var problems: ProblemList

    /// Read the text of a sweep file.
    ///
    /// - Throws: `ConfigurationError` when the text is no mapping, or a configuration of a run; ``check()`` throws all other problems.
    init(yaml: String, file: String, directory: String) throws(ConfigurationError) {
        self.file = file
        self.directory = directory
        let schema = SweepSchema.schema
        let allowed = "a mapping with any of \(WordList.all(schema.names(in: "")))"
        let mapping = try YAMLDocument.mapping(of: yaml, file: file, allowed: allowed)
        if SettingsKind(of: mapping) == .configuration { throw SettingsKind.configuration.misplaced(file) }
        let isPart = { (key: Node) in key.scalar.map { SweepSchema.parts.contains($0.string) } ?? false }
        var reader = MappingReader(
            table: schema,
            file: file,
            directory: Folder.of(file),
            root: SweepSettings()
        )
        reader.read(Node.Mapping(mapping.filter { !isPart($0.key) }.map { ($0.key, $0.value) }))
        settings = reader.layer.values
        problems = reader.layer.problems
        for assignment in reader.layer.assignments { plain[assignment.key] = assignment }
        for (key, value) in mapping where isPart(key) { readPart(key.string ?? "", value) }
    }

    /// The path that a key of the file gives, absolute or relative to the working directory.
    func path(_ key: String) -> String? {
        plain[key].map { $0.text.hasPrefix("./") ? String($0.text.dropFirst(2)) : $0.text }
    }

    /// The seeds as values of `run.seed`.
    var seeds: [GivenValue] {
        guard let given = plain["seeds"] else { return [] }
        return (settings.seeds ?? []).map { GivenValue(key: "run.seed", text: String($0), source: given.source) }
    }

    /// Throw all problems of single values; when there are none, all conflicts between values.
    func check() throws(ConfigurationError) {
        try problems.throwIfAny()
        var others = ProblemList()
        SweepChecks(reader: self, file: file).problems.forEach { others.add($0) }
        try others.throwIfAny()
    }

    /// The place of a key outside `set`, `grid` and `list`, or nil where the file does not give it.
    func source(_ key: String) -> Source? { plain[key]?.source }

    private mutating func readPart(_ part: String, _ node: Node) {
        switch (part, node) {
        case ("set", .mapping(let mapping)):
            fixed = values(of: mapping, in: "set")
        case ("grid", .mapping(let mapping)):
            for (key, value) in mapping { readAxis(key, value) }
        case ("list", .sequence(let entries)):
            for entry in entries { readEntry(entry) }
        default:
            let allowed = part == "list" ? "a list of mappings of keys to values" : "a mapping of keys to values"
            problem(part, node, "found \(NodeText.found(node)), allowed: \(allowed)")
        }
    }

    /// Read the values of one key of the grid.
    private mutating func readAxis(_ key: Node, _ node: Node) {
        guard let setting = setting(key, in: "grid") else { return }
        guard case .sequence(let values) = node, !values.isEmpty else {
            let found = node.sequence == nil ? NodeText.found(node) : "an empty list"
            problem("grid.\(setting.key)", node, "found \(found), allowed: a list of values: \(setting.allowed)")
            return
        }
        grid.append(values.compactMap { value($0, of: setting, in: "grid", at: $0) })
    }

    private mutating func readEntry(_ node: Node) {
        guard case .mapping(let mapping) = node, !mapping.isEmpty else {
            let found = node.mapping == nil ? NodeText.found(node) : "an empty mapping"
            problem("list", node, "found \(found), allowed: a mapping of keys to values")
            return
        }
        list.append(values(of: mapping, in: "list"))
    }

    private mutating func values(of mapping: Node.Mapping, in part: String) -> [GivenValue] {
        var values: [GivenValue] = []
        for (key, node) in mapping {
            guard let setting = setting(key, in: part) else { continue }
            if let value = value(node, of: setting, in: part, at: key) { values.append(value) }
        }
        return values
    }

    private mutating func setting(_ key: Node, in part: String) -> Option<RunPlan>? {
        guard case .scalar(let name) = key else {
            problem(part, key, "found \(NodeText.found(key)) as a key, allowed: a name")
            return nil
        }
        if let setting = RunPlan.table[name.string] { return setting }
        var message = RunPlan.table.unknown(name.string)
        if let first = RunPlan.table.options(in: name.string).first {
            message = "found a section, allowed: a whole key such as \(first.key)"
        }
        problem("\(part).\(Quoted.key(name.string))", key, message)
        return nil
    }

    /// Read one value, with the place that errors name.
    private mutating func value(
        _ node: Node,
        of setting: Option<RunPlan>,
        in part: String,
        at place: Node
    ) -> GivenValue? {
        let key = "\(part).\(setting.key)"
        guard let text = NodeText.value(node, as: setting.form) else {
            problem(key, place, "found \(NodeText.found(node)), allowed: \(setting.allowed)")
            return nil
        }
        var layer = Layer(RunPlan())
        layer.add(text, to: setting, key: key, by: YAMLDocument.source(of: place, in: file), in: directory)
        problems.add(layer.problems)
        return layer.assignments.first
    }

    private mutating func problem(_ key: String, _ node: Node, _ message: String) {
        let source = YAMLDocument.source(of: node, in: file)
        problems.add(ConfigurationProblem(location: source.location, key: key, message: message))
    }
}

/// The kinds of YAML files that `epsim run` and `epsim sweep` read, which their keys tell apart.
public enum SettingsKind: Equatable, Sendable {
    /// The settings of one run.
    case configuration
    /// What to vary over many runs.
    case sweep

    /// The kind of a file with these keys at its top level; nil where they are of neither kind, or of both.
    init?(keys: [String]) {
        let (isOfRun, isOfSweep) = (
            keys.contains { RunPlan.table.names(in: "").contains($0) },
            keys.contains { SweepSchema.schema.names(in: "").contains($0) }
        )
        guard isOfRun != isOfSweep else { return nil }
        self = isOfRun ? .configuration : .sweep
    }

    /// The kind of a mapping.
    init?(of mapping: Node.Mapping) {
        self.init(keys: mapping.compactMap { $0.key.scalar?.string })
    }

    /// The error of a sweep file in place of a configuration, or nil where a file is anything else.
    public static func sweepInsteadOfConfiguration(_ file: String) -> ConfigurationError? {
        guard let text = try? TextFile.read(file),
            let mapping = try? YAMLDocument.mapping(of: text, file: file, allowed: "a mapping"),
            Self(of: mapping) == .sweep
        else { return nil }
        return Self.sweep.misplaced(file)
    }

    /// The error of a file of this kind in place of one of the other kind.
    func misplaced(_ file: String) -> ConfigurationError {
        let message =
            switch self {
            case .configuration: "a configuration of a run, not a sweep file; 'epsim run' runs it"
            case .sweep: "a sweep file, not a configuration of a run; 'epsim sweep' runs it"
            }
        return ConfigurationError(ConfigurationProblem(location: file, message: message))
    }
}
