import Basics
internal import Yams

/// Reads a YAML mapping by a schema: every key must be known, every value allowed.
struct MappingReader<Root: Sendable> {
    let schema: OptionTable<Root>
    let file: String
    /// Where relative paths start.
    let directory: String
    /// What errors put before the keys, for a mapping inside another one: `models.dbrx.`.
    var prefix = ""
    /// Holds the values that were accepted.
    var root: Root
    private(set) var layer = Layer()

    init(schema: OptionTable<Root>, file: String, directory: String, prefix: String = "", root: Root) {
        self.schema = schema
        self.file = file
        self.directory = directory
        self.prefix = prefix
        self.root = root
    }

    /// Reads all keys of a mapping.
    ///
    /// - Parameter section: the section that the mapping is, or nothing for the whole.
    mutating func read(_ mapping: Node.Mapping, section: String = "") {
        let schema = schema
        for (key, value) in mapping {
            let origin = YAMLDocument.origin(of: key, in: file)
            guard case .scalar(let name) = key else {
                problem(section, origin, "found \(NodeText.found(key)) as a key, allowed: a name")
                continue
            }
            let path = section.isEmpty ? name.string : "\(section).\(name.string)"
            if let setting = schema[path], setting.section == section {
                read(value, setting, origin)
            } else if schema.sections.contains(path) {
                readSection(value, path, origin)
            } else {
                problem(Quoted.key(path), origin, schema.unknown(name.string, in: section))
            }
        }
    }

    private mutating func read(_ node: Node, _ setting: Option<Root>, _ origin: Origin) {
        guard let text = NodeText.value(node, as: setting.form) else {
            problem(setting.key, origin, "found \(NodeText.found(node)), allowed: \(setting.allowed)")
            return
        }
        let place = Layer.Place(key: prefix + setting.key, origin: origin, directory: directory)
        layer.add(text, to: setting, place, scratch: &root)
    }

    private mutating func readSection(_ node: Node, _ section: String, _ origin: Origin) {
        guard case .mapping(let mapping) = node else {
            let names = WordList.all(schema.names(in: section))
            problem(section, origin, "found \(NodeText.found(node)), allowed: a mapping with any of \(names)")
            return
        }
        read(mapping, section: section)
    }

    private mutating func problem(_ key: String, _ origin: Origin, _ message: @autoclosure () -> String) {
        let name = prefix + key
        layer.problems.add(
            ConfigurationProblem(location: origin.location, key: name.isEmpty ? nil : name, message: message())
        )
    }
}
