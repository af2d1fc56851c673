internal import Yams

/// A configuration file as text by keys, without a look at what the keys mean: what other versions wrote can be read.
public enum ConfigurationText {
    /// The scalars of a file by their dotted keys.
    ///
    /// - Parameters:
    ///   - text: YAML, mappings of scalars or of mappings; lists are left out.
    ///   - file: the name that errors give the text.
    /// - Throws: ``ConfigurationError`` when it is no mapping.
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
