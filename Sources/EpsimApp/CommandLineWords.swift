import Basics

/// The words of a command line, before they are parsed.
public struct CommandLineWords: Equatable, Sendable {
    /// A command with the commands below it.
    public struct Command: Equatable, Sendable {
        /// The name of the command.
        public let name: String
        /// The commands below it; none for one that does the work.
        public let commands: [Command]

        /// Create a command.
        public init(_ name: String, _ commands: [Command] = []) {
            self.name = name
            self.commands = commands
        }
    }

    /// The words. A negative number behind an option is one word with it (`--steps=-5`), as it would be taken for an
    /// option of its own.
    public let words: [String]

    /// Create the words of a command line, without the name of the program.
    public init(_ given: [String]) {
        var words: [String] = []
        for word in given {
            if let last = words.last, !words.contains("--"), Self.takesValue(last), Self.isNegative(word) {
                words[words.count - 1] = "\(last)=\(word)"
            } else {
                words.append(word)
            }
        }
        self.words = words
    }

    private static func takesValue(_ word: String) -> Bool {
        word.hasPrefix("--") && word.utf8.count > 2 && !word.contains("=")
    }

    private static func isNegative(_ word: String) -> Bool {
        word.hasPrefix("-") && Double(word) != nil && word.dropFirst().first.map { $0.isNumber || $0 == "." } == true
    }

    /// The error of a command that does not exist, with the nearest and all that are allowed; nil where all exist.
    ///
    /// - Parameter root: the program.
    public func unknownCommand(of root: Command) -> String? {
        var (command, path) = (root, root.name)
        for word in words where word != "help" {
            guard !word.hasPrefix("-"), !command.commands.isEmpty else { return nil }
            guard let next = command.commands.first(where: { $0.name == word }) else {
                let names = command.commands.map(\.name)
                let nearest = NearestName.of(word, among: names).map { "did you mean \($0)? " } ?? ""
                return "\(path): found command \(Quoted.text(word)), \(nearest)allowed: \(WordList.alternatives(names))"
            }
            (command, path) = (next, "\(path) \(word)")
        }
        return nil
    }
}
