import Basics
import Settings
internal import Yams

/// Published models by name.
struct Catalogue: Sendable {
    /// The file that it was read from, for errors and sources.
    let file: String
    private(set) var models: [String: ModelFacts] = [:]

    /// Reads the text of a catalogue file: `models:` with one mapping per model.
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

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789.-".utf8.contains($0) }
    }
}

extension Catalogue {
    /// The model that `model.preset` names.
    func preset(_ given: GivenValue) throws(ConfigurationError) -> Preset {
        if let facts = models[given.text] {
            return Preset(name: given.text, file: file, facts: facts)
        }
        let names = models.keys.sorted()
        let alike = names.filter { $0.contains(given.text) }
        let near = alike.isEmpty ? [NearestName.of(given.text, among: names)].compactMap(\.self) : alike
        let hint = near.isEmpty ? "" : "did you mean \(WordList.alternatives(near))? "
        let message = "found \(Quoted.text(given.text)), \(hint)allowed: a model of \(file)"
        throw ConfigurationError(
            ConfigurationProblem(location: given.source.location, key: given.key, message: message)
        )
    }
}
