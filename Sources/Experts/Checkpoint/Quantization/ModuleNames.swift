internal import Basics
internal import Foundation
internal import Synchronization

/// The modules that a list in a quantisation's configuration names.
///
/// An entry is the whole name of a module, its beginning or its end up to a point; a regular expression after `re:`, or
/// wherever it has characters of one; or, in ModelOpt's lists, a pattern with `*`. Sources: transformers 5.24,
/// `should_convert_module`; compressed-tensors, `match_name`.
///
/// Number, length and time of the patterns are bounded, as the file comes from elsewhere: some expressions take a time
/// that grows exponentially with the length of a name.
struct ModuleNames: Equatable, Sendable {
    /// No module.
    static let none = ModuleNames(plain: [], patterns: [], path: "")

    private let plain: Set<String>
    private let patterns: [ModulePattern]
    private let path: String
    private let time = MatchingTime()

    private init(plain: Set<String>, patterns: [ModulePattern], path: String) {
        (self.plain, self.patterns, self.path) = (plain, patterns, path)
    }

    static func == (first: ModuleNames, second: ModuleNames) -> Bool {
        first.plain == second.plain && first.patterns == second.patterns
    }

    /// The modules of a list.
    ///
    /// - Parameters:
    ///   - globs: whether `*` stands for any characters and no other entry is a pattern.
    ///   - path: the file's name in errors.
    /// - Throws: ``CheckpointError`` for an entry that is no regular expression though it looks like one, or is too long,
    ///   and for too many patterns.
    init(_ entries: [String], globs: Bool, path: String) throws(CheckpointError) {
        var plain: Set<String> = []
        var patterns: [ModulePattern] = []
        for entry in entries {
            guard let form = ModulePattern.Form(of: entry, globs: globs) else {
                plain.insert(entry)
                continue
            }
            patterns.append(try ModulePattern(entry, form, path: path))
            guard patterns.count <= ModulePattern.most else {
                let message =
                    "names modules by more than \(ModulePattern.most) patterns, of which \(Quoted.text(entry))"
                throw CheckpointError(path: path, message: "\(message) is one more, allowed: \(ModulePattern.most)")
            }
        }
        self.init(plain: plain, patterns: patterns, path: path)
    }

    /// How many entries there are, in words; empty without any.
    var words: [String] {
        let count = plain.count + patterns.count
        return count == 0 ? [] : ["modules that stay: \(count)"]
    }

    /// Whether a module is named, or one that holds it.
    ///
    /// - Throws: ``CheckpointError`` for a pattern that takes too long.
    func contains(_ module: String) throws(CheckpointError) -> Bool {
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
        for pattern in patterns where try pattern.matches(module, within: time, path: path) { return true }
        return false
    }
}

/// An entry that names modules by a pattern.
private struct ModulePattern: Equatable, Sendable {
    /// The notation of a pattern.
    enum Form {
        /// A regular expression behind `re:`.
        case marked
        /// A regular expression that ends where a module's name or one of its parts does.
        case bordered
        /// `*` for any characters, up to the end of the name.
        case glob

        /// The notation of an entry, or nil for a plain name.
        init?(of entry: String, globs: Bool) {
            if entry.hasPrefix("re:") {
                self = .marked
            } else if globs, entry.contains("*") {
                self = .glob
            } else if !globs, entry.contains(where: Self.special.contains) {
                self = .bordered
            } else {
                return nil
            }
        }

        private static let special: Set<Character> = ["*", "+", "?", "^", "$", "[", "(", "|", "\\", "{"]
    }

    /// The bound on the patterns of a list; published lists have some hundred at most.
    static let most = 4096
    /// The bound on the characters of an entry.
    private static let longest = 512
    /// The bound on the reports of progress in one match, of which Foundation sends one per 10000 states: a match of a
    /// pattern of use needs not a single one.
    private static let mostReports = 10

    private let entry: String
    private let expression: NSRegularExpression

    init(_ entry: String, _ form: Form, path: String) throws(CheckpointError) {
        guard entry.unicodeScalars.count <= Self.longest else {
            let found = "\(Quoted.text(entry)), a pattern of \(entry.unicodeScalars.count) characters"
            throw CheckpointError(path: path, message: "names modules by \(found), allowed: at most \(Self.longest)")
        }
        let text =
            switch form {
            case .marked: String(entry.dropFirst(3))
            case .bordered: entry + "(?=\\.|$)"
            case .glob: Self.expression(ofGlob: entry)
            }
        guard let expression = try? NSRegularExpression(pattern: text) else {
            let message = "names modules by \(Quoted.text(entry)), which is no regular expression"
            throw CheckpointError(path: path, message: message)
        }
        (self.entry, self.expression) = (entry, expression)
    }

    /// The first place of each part but the last is as good as any later one, so no group is entered twice: the time
    /// grows with the length of a name alone.
    private static func expression(ofGlob glob: String) -> String {
        let parts = glob.split(separator: "*", omittingEmptySubsequences: false)
            .map { NSRegularExpression.escapedPattern(for: String($0)) }
        let middle = parts.dropFirst().dropLast().map { "(?>.*?\($0))" }
        return parts[0] + middle.joined() + ".*" + (parts.last ?? "") + "$"
    }

    /// Whether the pattern matches the beginning of a name.
    func matches(_ name: String, within time: MatchingTime, path: String) throws(CheckpointError) -> Bool {
        var (isFound, isBroken, reports) = (false, false, 0)
        let start = ContinuousClock.now
        unsafe expression.enumerateMatches(
            in: name,
            options: [.anchored, .reportProgress, .reportCompletion],
            range: NSRange(name.startIndex..., in: name)
        ) { match, flags, stop in
            if match != nil { isFound = true }
            if flags.contains(.progress) { reports += 1 }
            if flags.contains(.internalError) { isBroken = true }
            if isFound || reports > Self.mostReports { unsafe stop.pointee = true }
        }
        guard time.add(.now - start), isFound || !isBroken && reports <= Self.mostReports else {
            let message =
                "names modules by \(Quoted.text(entry)), which takes too long to match \(Quoted.text(name)), allowed: "
                + "regular expressions without repetitions inside repetitions"
            throw CheckpointError(path: path, message: message)
        }
        return isFound
    }
}

/// The time that a list has taken so far.
private final class MatchingTime: Sendable {
    /// The bound on the time of all matches of a list; the modules of the largest models take a second or two.
    private static let most = Duration.seconds(60)

    private let sum = Mutex(Duration.zero)

    /// Add the time of a match, and return whether the sum is within its bound.
    func add(_ time: Duration) -> Bool {
        sum.withLock {
            $0 += time
            return $0 <= Self.most
        }
    }
}
