public import Basics

extension Layer {
    /// What a configuration file says.
    ///
    /// - Parameters:
    ///   - yaml: its text.
    ///   - file: its name, for errors and sources.
    ///   - directory: its folder, absolute, where relative paths start.
    ///   - table: the keys that may stand in it.
    ///   - root: a root that holds the defaults.
    public init(yaml: String, file: String, directory: String, table: OptionTable<Root>, root: Root) {
        var reader = MappingReader(table: table, file: file, directory: directory, root: root)
        do {
            let allowed = "a mapping with the sections \(WordList.all(table.sections))"
            reader.read(try YAMLDocument.mapping(of: yaml, file: file, allowed: allowed))
            self = reader.layer
        } catch {
            self.init(root)
            error.problems.forEach { problems.add($0) }
        }
    }

    /// What the environment says. Variables outside the sections (`EPSIM_CATALOGUE`) are left to others.
    public init(environment: [String: String], directory: String, table: OptionTable<Root>, root: Root) {
        self.init(root)
        let names = Dictionary(uniqueKeysWithValues: table.options.map { ($0.environmentName, $0) })
        let prefixes = table.sections.map { "EPSIM_\($0.uppercased())_" }
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where prefixes.contains(where: name.hasPrefix) {
            let source = Source.environment(Quoted.key(name))
            guard let setting = names[name] else {
                let nearest = NearestName.of(name, among: table.options.map(\.environmentName))
                let hint = nearest.map { "did you mean \($0)?" } ?? "no setting has this name"
                problems.add(ConfigurationProblem(location: source.location, message: "unknown variable, \(hint)"))
                continue
            }
            add(text, to: setting, key: setting.key, by: source, in: directory)
        }
    }

    /// What the command line says.
    public init(overrides: [Override], directory: String, table: OptionTable<Root>, root: Root) {
        self.init(root)
        var givers: [String: String] = [:]
        for override in overrides {
            let source = override.source
            let key = Quoted.key(override.key)
            guard let setting = table[override.key] else {
                let message = table.unknown(override.key)
                problems.add(ConfigurationProblem(location: source.location, key: key, message: message))
                continue
            }
            if let first = givers.updateValue(override.giver, forKey: override.key) {
                let message = "given by \(first) and again by \(override.giver), allowed: once"
                problems.add(ConfigurationProblem(location: source.location, key: key, message: message))
                continue
            }
            add(override.value, to: setting, key: key, by: source, in: directory)
        }
    }
}
