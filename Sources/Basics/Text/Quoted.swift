/// Shows what somebody wrote: bounded in length, with nothing in it that could steer a terminal.
public enum Quoted {
    /// The most characters that are shown of a text.
    static let longest = 100
    /// The most texts that are shown of a list.
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

    /// A key as it was written, in quotes only when it is long or holds anything that keys do not hold.
    public static func key(_ found: String) -> String {
        let isPlain = found.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") }
        return isPlain && found.utf8.count <= longest ? found : text(found)
    }

    /// Texts in quotes, separated by commas; after the twelfth only how many more there are.
    public static func list(_ found: some Collection<String>) -> String {
        let shown = found.prefix(mostTexts).map(text).joined(separator: ", ")
        if found.isEmpty { return "none" }
        return found.count <= mostTexts ? shown : "\(shown) and \(found.count - mostTexts) more"
    }
}
