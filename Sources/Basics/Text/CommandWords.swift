/// A program with its arguments as one line of text: words that spaces separate, quoted as for a shell.
///
/// No shell reads them: no variable, pattern or redirection means anything.
public enum CommandWords {
    /// The most bytes of a line.
    static let longest = 4096

    /// The words of a line, or nil when a quote is open, nothing stands behind the last backslash, or there is no word.
    ///
    /// Between single quotes every character stands for itself; between double quotes a backslash does so, too, but
    /// before a backslash or a double quote.
    public static func words(of line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = line[...]
        while let character = rest.popFirst() {
            switch (character, quote) {
            case (quote, .some): quote = nil
            case ("'", nil), ("\"", nil):
                quote = character
                word = word ?? ""
            case (" ", nil):
                if let word { words.append(word) }
                word = nil
            case ("\\", nil),
                ("\\", "\"") where "\\\"".contains(rest.first ?? " "):
                guard let next = rest.popFirst() else { return nil }
                word = (word ?? "") + String(next)
            default: word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return quote == nil && !words.isEmpty ? words : nil
    }

    /// The line of some words, from which ``words(of:)`` reads them back.
    public static func line(_ words: [String]) -> String {
        words.map { word in
            let isPlain = word.utf8.allSatisfy { byte in
                byte > 0x20 && byte != 0x7F && !"'\"\\".utf8.contains(byte)
            }
            return isPlain && !word.isEmpty
                ? word
                : "'"
                    + word.split(separator: "'", omittingEmptySubsequences: false)
                    .joined(separator: "'\\''") + "'"
        }.joined(separator: " ")
    }
}

extension ValueRule where Value == [String] {
    /// The rule of a program with its arguments.
    public static var command: ValueRule {
        let isAllowed: @Sendable ([String]) -> Bool = { words in
            let line = CommandWords.line(words)
            // A leading byte-order mark would be lost when the text is read back from a file.
            let isBounded = line.utf8.count <= CommandWords.longest && line.unicodeScalars.first != "\u{FEFF}"
            return isBounded && words.first?.isEmpty == false && line.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        }
        return ValueRule(
            allowed: "a program and its arguments, quoted as for a shell, or a list of them; at most "
                + "\(CommandWords.longest) bytes without control characters",
            form: .command,
            value: { text in CommandWords.words(of: text).flatMap { isAllowed($0) ? $0 : nil } },
            text: { CommandWords.line($0) },
            allows: isAllowed
        )
    }
}
