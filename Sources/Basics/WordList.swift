/// Lists in words.
public enum WordList {
    /// `a`, `a or b`, `a, b or c`.
    public static func alternatives(_ words: [String]) -> String { joined(words, "or") }

    /// `a`, `a and b`, `a, b and c`.
    public static func all(_ words: [String]) -> String { joined(words, "and") }

    private static func joined(_ words: [String], _ last: String) -> String {
        guard let final = words.last, words.count > 1 else { return words.first ?? "" }
        return "\(words.dropLast().joined(separator: ", ")) \(last) \(final)"
    }
}
