/// Functions that quote text from users: bounded in length, without characters that could control a terminal.
public enum Quoted {
    /// The number of characters that are shown of a text at most.
    static let longest = 100
    /// The number of texts that are shown of a list at most.
    static let mostTexts = 12

    /// A value: numbers and booleans as they are, everything else in quotes.
    public static func value(_ found: String) -> String {
        let isBare = found == "true" || found == "false" || Int(found) != nil || Double(found) != nil
        return isBare && found.utf8.count <= longest ? found : text(found)
    }

    /// A text in quotes.
    public static func text(_ found: String) -> String {
        let shown = String(found.unicodeScalars.prefix(longest)).escaped { scalar in
            if scalar == "\"" || scalar == "\\" { return "\\\(scalar)" }
            return scalar.isPrintable ? nil : scalar.escaped(asASCII: true)
        }
        return "\"\(shown)\(found.unicodeScalars.count > longest ? "..." : "")\""
    }

    /// A key as it was written; in quotes only when it is long or holds a character that keys do not have.
    public static func key(_ found: String) -> String {
        let isPlain = found.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") }
        return isPlain && found.utf8.count <= longest ? found : text(found)
    }

    /// Texts in quotes, separated by commas; after the twelfth only the number of the others.
    public static func list(_ found: some Collection<String>) -> String {
        let shown = found.prefix(mostTexts).map(text).joined(separator: ", ")
        if found.isEmpty { return "none" }
        return found.count <= mostTexts ? shown : "\(shown) and \(found.count - mostTexts) more"
    }
}

/// Text from outside (host names, paths, reasons) made safe for one line of a terminal.
public enum Printable {
    /// `text` with every control character, line breaks and escape codes among them, replaced by `?`.
    public static func text(_ text: String) -> String {
        text.escaped { $0.isPrintable ? nil : "?" }
    }
}

extension String {
    /// The text with some characters replaced.
    ///
    /// - Parameter escape: the text in place of a character, or nil to keep it.
    public func escaped(_ escape: (Unicode.Scalar) -> String?) -> String {
        var escaped = ""
        for scalar in unicodeScalars {
            if let other = escape(scalar) {
                escaped += other
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension Unicode.Scalar {
    /// False for characters that a terminal would obey rather than show.
    var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}

/// Numbers with their nouns.
public enum Counted {
    /// The number with its noun, as in `1 run` and `2 runs`.
    public static func text(_ count: Int, _ noun: String) -> String { "\(count) \(Self.noun(count, noun))" }

    /// The noun in singular for one, in plural for all other numbers.
    public static func noun(_ count: Int, _ noun: String) -> String { count == 1 ? noun : noun + "s" }
}

/// Lists in words.
public enum WordList {
    /// The words as alternatives: `a`, `a or b`, `a, b or c`.
    public static func alternatives(_ words: [String]) -> String { joined(words, "or") }

    /// All words: `a`, `a and b`, `a, b and c`.
    public static func all(_ words: [String]) -> String { joined(words, "and") }

    /// Those of some notes that are there, in one; nil for none.
    public static func notes(_ notes: [String?]) -> String? {
        let held = notes.compactMap(\.self)
        return held.isEmpty ? nil : held.joined(separator: "; ")
    }

    private static func joined(_ words: [String], _ last: String) -> String {
        guard let final = words.last, words.count > 1 else { return words.first ?? "" }
        return "\(words.dropLast().joined(separator: ", ")) \(last) \(final)"
    }
}
