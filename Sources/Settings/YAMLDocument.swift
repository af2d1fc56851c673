import Basics
public import Yams

/// The parser of all YAML text, into nodes with their places.
public enum YAMLDocument {
    /// Parse a text, and return the mapping that is its whole content.
    ///
    /// - Parameters:
    ///   - file: the name of the text in errors.
    ///   - allowed: the expected content, in words.
    public static func mapping(of text: String, file: String, allowed: String) throws(ConfigurationError)
        -> Node.Mapping
    {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text, .basic, .default, .utf8)
        } catch {
            throw ConfigurationError(problem(error, in: file))
        }
        guard let root, !isEmpty(root) else {
            let problem = ConfigurationProblem(location: file, message: "found an empty file, allowed: \(allowed)")
            throw ConfigurationError(problem)
        }
        guard case .mapping(let mapping) = root else {
            let source = source(of: root, in: file)
            let message = "found \(NodeText.found(root)), allowed: \(allowed)"
            throw ConfigurationError(ConfigurationProblem(location: source.location, message: message))
        }
        return mapping
    }

    /// The place of a node in its file, as the source of a value.
    public static func source(of node: Node, in file: String) -> Source {
        .file(file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    private static func isEmpty(_ node: Node) -> Bool {
        if case .scalar(let scalar) = node {
            return NodeText.isNull(scalar)
        }
        return false
    }

    private static func problem(_ error: any Error, in file: String) -> ConfigurationProblem {
        guard let error = error as? YamlError else {
            return ConfigurationProblem(location: file, message: "not YAML: \(error)")
        }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let words = [context?.text, problem].compactMap(\.self).joined(separator: ", ")
            return at(mark, in: file, "not YAML: \(words)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let keys = duplicates.prefix(ProblemList.limit).map(Quoted.text)
            return at(
                context.mark,
                in: file,
                "found \(WordList.all(keys)) more than once in this mapping, allowed: once"
            )
        case .reader(let problem, let offset, _, let text):
            return ConfigurationProblem(location: place(offset, in: text, file), message: "not YAML: \(problem)")
        default:
            return ConfigurationProblem(location: file, message: "not YAML: \(error)")
        }
    }

    private static func at(_ mark: Mark, in file: String, _ message: String) -> ConfigurationProblem {
        let source = Source.file(file, line: mark.line, column: mark.column)
        return ConfigurationProblem(location: source.location, message: message)
    }

    /// The place of a character that YAML does not allow, as `file:line:column`.
    private static func place(_ offset: Int?, in text: String, _ file: String) -> String {
        guard let offset else { return file }
        let before = text.prefix(offset)
        let line = before.count { $0.isNewline } + 1
        let column = before.reversed().prefix { !$0.isNewline }.count + 1
        return Source.file(file, line: line, column: column).location
    }
}

/// The values of a configuration file by key, without regard to the meaning of keys: files of other versions can be
/// read.
public enum ConfigurationText {
    /// The scalars of a file by their dotted keys.
    ///
    /// - Parameters:
    ///   - text: YAML, with mappings of scalars or of mappings; lists are left out.
    ///   - file: the name of the text in errors.
    /// - Throws: ``ConfigurationError`` when the text is no mapping.
    public static func values(of text: String, file: String) throws(ConfigurationError) -> [String: String] {
        var values: [String: String] = [:]
        collect(try YAMLDocument.mapping(of: text, file: file, allowed: "a mapping"), below: "", into: &values)
        return values
    }

    private static func collect(_ mapping: Node.Mapping, below path: String, into values: inout [String: String]) {
        for (key, node) in mapping {
            guard case .scalar(let name) = key else { continue }
            let place = path.isEmpty ? name.string : "\(path).\(name.string)"
            switch node {
            case .scalar(let scalar): values[place] = scalar.string
            case .mapping(let below): collect(below, below: place, into: &values)
            default: continue
            }
        }
    }
}

/// The writer of YAML scalars that read back as the same text.
public enum YAMLScalar {
    /// The text unchanged where that is safe, else in double quotes.
    public static func text(_ text: String) -> String {
        let isSafe = text.utf8.allSatisfy(isPlain) && text.utf8.first.map(isLetterOrSlash) ?? false
        return isSafe && !["null", "Null", "NULL"].contains(text) ? text : quoted(text)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        isLetterOrSlash(byte) || "0123456789._-".utf8.contains(byte)
    }

    private static func isLetterOrSlash(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || byte == UInt8(ascii: "/")
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.escaped { scalar in
            if scalar == "\"" || scalar == "\\" { return "\\\(scalar)" }
            let isPrintable = scalar.isASCII ? (0x20..<0x7F).contains(scalar.value) : scalar.properties.isAlphabetic
            return isPrintable ? nil : "\\U\(Hexadecimal.text(scalar.value, digits: 8).uppercased())"
        }
        return "\"\(escaped)\""
    }
}
