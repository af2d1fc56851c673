import Basics

extension Layer {
    /// What a configuration file says.
    ///
    /// - Parameters:
    ///   - yaml: its text.
    ///   - file: its name, for errors and origins.
    ///   - directory: its folder, absolute, where relative paths start.
    init(yaml: String, file: String, directory: String) {
        let schema = RunSchema.schema
        var reader = MappingReader(schema: schema, file: file, directory: directory, root: RunConfiguration())
        do {
            let allowed = "a mapping with the sections \(WordList.all(schema.sections))"
            reader.read(try YAMLDocument.mapping(of: yaml, file: file, allowed: allowed))
            self = reader.layer
        } catch {
            self.init()
            error.problems.forEach { problems.add($0) }
        }
    }

    /// What the environment says. Variables outside the sections (`EPSIM_CATALOGUE`) are left to others.
    init(environment: [String: String], directory: String) {
        self.init()
        let schema = RunSchema.schema
        let names = Dictionary(uniqueKeysWithValues: schema.options.map { ($0.environmentName, $0) })
        let prefixes = schema.sections.map { "EPSIM_\($0.uppercased())_" }
        var scratch = RunConfiguration()
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where prefixes.contains(where: name.hasPrefix) {
            let origin = Origin.environment(Quoted.key(name))
            guard let setting = names[name] else {
                let nearest = NearestName.of(name, among: schema.options.map(\.environmentName))
                let hint = nearest.map { "did you mean \($0)?" } ?? "no setting has this name"
                problems.add(ConfigurationProblem(location: origin.location, message: "unknown variable, \(hint)"))
                continue
            }
            let place = Place(key: setting.key, origin: origin, directory: directory)
            add(text, to: setting, place, scratch: &scratch)
        }
    }

    /// What the command line says.
    init(overrides: [Override], directory: String) {
        self.init()
        var scratch = RunConfiguration()
        var givers: [String: String] = [:]
        for override in overrides {
            let origin = override.origin
            let key = Quoted.key(override.key)
            guard let setting = RunSchema.schema[override.key] else {
                let message = RunSchema.schema.unknown(override.key)
                problems.add(ConfigurationProblem(location: origin.location, key: key, message: message))
                continue
            }
            if let first = givers.updateValue(override.giver, forKey: override.key) {
                let message = "given by \(first) and again by \(override.giver), allowed: once"
                problems.add(ConfigurationProblem(location: origin.location, key: key, message: message))
                continue
            }
            add(override.value, to: setting, Place(key: key, origin: origin, directory: directory), scratch: &scratch)
        }
    }
}
