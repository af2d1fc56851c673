import Basics

/// Writes text as a YAML scalar that reads back as the same text.
public enum YAMLScalar {
    /// The text as it is where that is safe, else in double quotes.
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
