import Basics

/// A piece of HTML or SVG. Text and attribute values are escaped when it is made, so pieces can be put together freely.
public struct Markup: Equatable, Sendable {
    /// The HTML or SVG source, well-formed.
    public private(set) var source: String

    /// A piece of markup without content.
    public static let empty = Markup(trusted: "")

    /// Source that is known to be well-formed: a style sheet, a script, a path.
    public init(trusted source: String) {
        self.source = source
    }

    /// A text, with its special characters escaped.
    public init(_ text: String) {
        source = Self.escaped(text)
    }

    /// Join pieces of markup one after the other.
    public init(_ pieces: [Markup]) {
        source = pieces.lazy.map(\.source).joined()
    }

    /// An element with attributes and children; an attribute that is nil is left out.
    public static func element(
        _ name: String,
        _ attributes: KeyValuePairs<String, String?> = [:],
        _ children: [Markup] = []
    ) -> Markup {
        var source = "<\(name)"
        for case (let key, let value?) in attributes {
            source += " \(key)=\"\(escaped(value))\""
        }
        source += ">"
        for child in children { source += child.source }
        return Markup(trusted: isVoid(name) ? source : source + "</\(name)>")
    }

    /// An element around a text.
    public static func element(
        _ name: String,
        _ attributes: KeyValuePairs<String, String?> = [:],
        _ text: String
    ) -> Markup {
        element(name, attributes, [Markup(text)])
    }

    /// Join two pieces of markup one after the other.
    public static func + (first: Markup, second: Markup) -> Markup {
        Markup(trusted: first.source + second.source)
    }

    private static func isVoid(_ name: String) -> Bool { ["meta", "br", "hr", "input"].contains(name) }

    private static func escaped(_ text: String) -> String {
        text.escaped { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            case "'": "&#39;"
            // HTML has no place for other control characters.
            case "\n", "\t": nil
            case "\u{0}"..."\u{1F}", "\u{7F}": "\u{FFFD}"
            default: nil
            }
        }
    }
}
