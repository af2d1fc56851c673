public import Basics
public import Yams

/// The reader of a YAML mapping by the options of a table: every key must be known, every value allowed.
public struct MappingReader<Root: Sendable> {
    private let table: OptionTable<Root>
    private let file: String
    /// The absolute folder where relative paths start.
    private let directory: String
    /// The text in front of keys in errors, for a mapping inside another one: `models.dbrx.`.
    private let prefix: String
    /// The settings that were read so far.
    public private(set) var layer: Layer<Root>

    /// Create a reader that has read nothing.
    public init(table: OptionTable<Root>, file: String, directory: String, prefix: String = "", root: Root) {
        self.table = table
        self.file = file
        self.directory = directory
        self.prefix = prefix
        layer = Layer(root)
    }

    /// Read all keys of a mapping.
    ///
    /// - Parameter section: the section that the mapping is, or the empty text for the top level.
    public mutating func read(_ mapping: Node.Mapping, section: String = "") {
        let table = table
        for (key, value) in mapping {
            let source = YAMLDocument.source(of: key, in: file)
            guard case .scalar(let name) = key else {
                problem(section, source, "found \(NodeText.found(key)) as a key, allowed: a name")
                continue
            }
            let path = section.isEmpty ? name.string : "\(section).\(name.string)"
            if let setting = table[path], setting.section == section {
                read(value, setting, source)
            } else if let map = table.maps[path] {
                readMap(value, path) { $0[keyPath: map][$1] = $2 }
            } else if table.sections.contains(path) {
                readSection(value, path, source)
            } else {
                problem(Quoted.key(path), source, table.unknown(name.string, in: section))
            }
        }
    }

    private mutating func read(_ node: Node, _ setting: Option<Root>, _ source: Source) {
        guard let text = NodeText.value(node, as: setting.form) else {
            problem(setting.key, source, "found \(NodeText.found(node)), allowed: \(setting.allowed)")
            return
        }
        layer.add(text, to: setting, key: prefix + setting.key, by: source, in: directory)
    }

    /// Read a mapping with free keys and texts for values.
    private mutating func readMap(_ node: Node, _ section: String, _ put: (inout Root, String, String) -> Void) {
        let allowed = "allowed: a mapping of names to texts"
        guard case .mapping(let mapping) = node else {
            let source = YAMLDocument.source(of: node, in: file)
            return problem(section, source, "found \(NodeText.found(node)), \(allowed)")
        }
        for (key, value) in mapping {
            guard case .scalar(let name) = key, let text = NodeText.value(value, as: .text) else {
                let source = YAMLDocument.source(of: key, in: file)
                problem(section, source, "found \(NodeText.found(key)) with \(NodeText.found(value)), \(allowed)")
                continue
            }
            put(&layer.values, name.string, text)
        }
    }

    private mutating func readSection(_ node: Node, _ section: String, _ source: Source) {
        guard case .mapping(let mapping) = node else {
            let names = WordList.all(table.names(in: section))
            problem(section, source, "found \(NodeText.found(node)), allowed: a mapping with any of \(names)")
            return
        }
        read(mapping, section: section)
    }

    private mutating func problem(_ key: String, _ source: Source, _ message: @autoclosure () -> String) {
        let name = prefix + key
        layer.problems.add(
            ConfigurationProblem(location: source.location, key: name.isEmpty ? nil : name, message: message())
        )
    }
}

/// The texts of YAML nodes: strictly as values, and in words for errors.
public enum NodeText {
    /// Return the text of a scalar, or of a list of scalars for a setting that takes lists; nil for any other node.
    public static func value(_ node: Node, as form: ValueForm) -> String? {
        if [.list, .command].contains(form), case .sequence(let sequence) = node {
            let texts = sequence.compactMap { value($0, as: .text) }
            guard texts.count == sequence.count else { return nil }
            return form == .list ? texts.joined(separator: ",") : CommandWords.line(texts)
        }
        guard case .scalar(let scalar) = node, !isNull(scalar) else { return nil }
        return form == .bare && scalar.style != .plain ? nil : scalar.string
    }

    /// The node in words, for errors.
    public static func found(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar) where isNull(scalar): "nothing"
        case .scalar(let scalar) where scalar.style == .plain: Quoted.value(scalar.string)
        case .scalar(let scalar): "the text \(Quoted.text(scalar.string))"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    /// True for an empty value and for the other spellings of null.
    public static func isNull(_ scalar: Node.Scalar) -> Bool {
        scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}
