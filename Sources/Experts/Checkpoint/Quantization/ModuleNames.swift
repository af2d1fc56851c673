internal import Basics
internal import Foundation

/// The modules that a list in a quantisation's configuration names.
///
/// An entry is the whole name of a module, its beginning or its end up to a point; a regular expression after `re:`, or
/// wherever it has characters of one; or, in ModelOpt's lists, a pattern with `*`. Sources: transformers 5.24,
/// `should_convert_module`; compressed-tensors, `match_name`.
struct ModuleNames: Equatable, Sendable {
    /// No module.
    static let none = ModuleNames(plain: [], expressions: [])

    private let plain: Set<String>
    private let expressions: [NSRegularExpression]

    private init(plain: Set<String>, expressions: [NSRegularExpression]) {
        (self.plain, self.expressions) = (plain, expressions)
    }

    /// The modules of a list.
    ///
    /// - Parameters:
    ///   - globs: whether `*` stands for any characters and no entry is a regular expression.
    ///   - path: the file's name in errors.
    /// - Throws: ``CheckpointError`` for an entry that is no regular expression though it looks like one.
    init(_ entries: [String], globs: Bool, path: String) throws(CheckpointError) {
        var plain: Set<String> = []
        var expressions: [NSRegularExpression] = []
        for entry in entries {
            let isMarked = entry.hasPrefix("re:")
            let isPattern = isMarked || entry.contains { globs ? $0 == "*" : Self.special.contains($0) }
            guard isPattern else {
                plain.insert(entry)
                continue
            }
            let text =
                isMarked ? String(entry.dropFirst(3)) : globs ? Self.expression(ofGlob: entry) : entry + Self.border
            guard let expression = try? NSRegularExpression(pattern: text) else {
                let message = "names modules by \(Quoted.text(entry)), which is no regular expression"
                throw CheckpointError(path: path, message: message)
            }
            expressions.append(expression)
        }
        self.init(plain: plain, expressions: expressions)
    }

    private static let special: Set<Character> = ["*", "+", "?", "^", "$", "[", "(", "|", "\\", "{"]
    /// The end of a module's name, or of one of its parts.
    private static let border = "(?=\\.|$)"

    private static func expression(ofGlob glob: String) -> String {
        let parts = glob.split(separator: "*", omittingEmptySubsequences: false)
        return parts.map { $0.replacing("\\", with: "\\\\").replacing(".", with: "\\.") }.joined(separator: ".*") + "$"
    }

    /// How many entries there are, in words; empty without any.
    var words: [String] {
        let count = plain.count + expressions.count
        return count == 0 ? [] : ["modules that stay: \(count)"]
    }

    /// Whether a module is named, or one that holds it.
    func contains(_ module: String) -> Bool {
        if !plain.isEmpty {
            var places = [module.startIndex, module.endIndex]
            for index in module.indices where module[index] == "." { places.append(index) }
            for place in places {
                if plain.contains(String(module[..<place])) { return true }
                if place < module.endIndex, module[place] == ".",
                    plain.contains(String(module[module.index(after: place)...]))
                {
                    return true
                }
            }
        }
        let whole = NSRange(module.startIndex..., in: module)
        return expressions.contains { $0.firstMatch(in: module, options: .anchored, range: whole) != nil }
    }
}
