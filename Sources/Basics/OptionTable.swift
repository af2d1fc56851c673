/// All options of one kind of YAML mapping, in the order in which they are shown.
public struct OptionTable<Root: Sendable>: Sendable {
    /// The options, in the order in which they are shown.
    public let options: [Option<Root>]
    /// The same options, each behind those that its condition names: one pass in this order decides which options
    /// apply.
    public let resolutionOrder: [Option<Root>]
    /// The names of the sections in order, each behind the one that holds it, without the top level.
    public let sections: [String]
    /// The key paths of the sections with free keys, by the name of the section; each section holds a text per key.
    public let maps: [String: any WritableKeyPath<Root, [String: String]> & Sendable]
    private let places: [String: Int]
    /// Create a table.
    ///
    /// - Parameters:
    ///   - readers: the commands that read the options whose rows do not say it; nil where those of a part, which are
    ///     lifted into this table, say it.
    ///   - others: the sections whose keys are those of another table.
    ///   - maps: the sections with free keys.
    public init(
        _ options: [Option<Root>],
        readBy readers: OptionReaders? = nil,
        others: [String] = [],
        maps: [String: any WritableKeyPath<Root, [String: String]> & Sendable] = [:]
    ) {
        let options = readers.map { readers in options.map { $0.read(by: readers) } } ?? options
        self.options = options
        self.maps = maps
        var sections = others
        var seenSections = Set(others)
        for section in options.flatMap({ Self.path(to: $0.section) }) where seenSections.insert(section).inserted {
            sections.append(section)
        }
        self.sections = sections + maps.keys.sorted()
        let places = Dictionary(options.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
        self.places = places
        var ordered: [Option<Root>] = []
        var seen: Set<String> = []
        func place(_ option: Option<Root>) {
            guard seen.insert(option.key).inserted else { return }
            for key in option.condition?.keys ?? [] {
                if let index = places[key] { place(options[index]) }
            }
            ordered.append(option)
        }
        options.forEach(place)
        resolutionOrder = ordered
    }

    /// The option of a key, or nil.
    public subscript(key: String) -> Option<Root>? {
        places[key].map { options[$0] }
    }

    /// The option whose value is at a key path, or nil.
    public func option(at path: PartialKeyPath<Root>) -> Option<Root>? {
        options.first { $0.path() == path }
    }

    /// Return the options of this table as options of a root that has this table's root as a part.
    ///
    /// - Parameters:
    ///   - path: the key path of the part in the whole root.
    ///   - conditions: the conditions for options to apply, by key, in place of the options' own.
    public func options<Whole>(
        at path: any WritableKeyPath<Whole, Root> & Sendable,
        when conditions: [String: Condition<Whole>] = [:]
    ) -> [Option<Whole>] {
        options.map { Option($0, at: path, when: conditions[$0.key]) }
    }

    /// The options of one section.
    public func options(in section: String) -> [Option<Root>] {
        options.filter { $0.section == section }
    }

    /// The names of the keys and sections in a section.
    public func names(in section: String) -> [String] {
        options(in: section).map(\.name) + sections.filter { Self.parent(of: $0) == section }.map(Self.lastName)
    }

    /// The sections on the way from the top level to a section, itself included: `a` and `a.b` for `a.b`.
    private static func path(to section: String) -> [String] {
        section.isEmpty ? [] : path(to: parent(of: section)) + [section]
    }

    private static func parent(of section: String) -> String {
        section.lastIndex(of: ".").map { String(section[..<$0]) } ?? ""
    }

    private static func lastName(_ section: String) -> String {
        section.lastIndex(of: ".").map { String(section[section.index(after: $0)...]) } ?? section
    }

    /// The obstacle to an option, or nil when the option applies: that of its own condition, or, where the option that
    /// is the obstacle does not apply itself, the obstacle to that one.
    public func obstacle(to option: Option<Root>, in root: Root) -> Obstacle? {
        guard let obstacle = option.condition?.obstacle(root) else { return nil }
        return self[obstacle.key].flatMap { self.obstacle(to: $0, in: root) } ?? obstacle
    }

    /// The message about a name that a section does not have, with the nearest name or the allowed ones.
    public func unknown(_ name: String, in section: String) -> String {
        let here = names(in: section)
        let words = WordList.alternatives(here)
        if self[name] != nil, let dot = name.lastIndex(of: ".") {
            return "unknown key, did you mean \(name[name.index(after: dot)...]) under \(name[..<dot])?"
        }
        if let nearest = NearestName.of(name, among: here) {
            return "unknown key, did you mean \(section.isEmpty ? nearest : "\(section).\(nearest)")?"
        }
        let elsewhere = options.first { $0.name == name }
        return "unknown key, \(elsewhere.map { "did you mean \($0.key)?" } ?? "allowed: \(words)")"
    }

    /// The message about a dotted key that does not exist, with the nearest key or the sections.
    public func unknown(_ key: String) -> String {
        if let dot = key.lastIndex(of: "."), sections.contains(String(key[..<dot])) {
            return unknown(String(key[key.index(after: dot)...]), in: String(key[..<dot]))
        }
        let nearest = NearestName.of(key, among: options.map(\.key)) ?? options.first { $0.name == key }?.key
        let words = WordList.alternatives(sections)
        return "unknown key, \(nearest.map { "did you mean \($0)?" } ?? "allowed: a key of \(words)")"
    }
}

/// The search for the name that a misspelt one probably stands for.
public enum NearestName {
    /// The length in bytes above which names are not compared: no key is longer, and the comparison is quadratic.
    private static let longest = 64

    /// The candidate that differs by one letter, rather one of the same length, else the shortest that begins with the
    /// name, else the one with the smallest edit distance if that is small for the length of the name.
    public static func of(_ name: String, among candidates: [String]) -> String? {
        let length = name.utf8.count
        guard length <= longest else { return nil }
        let scored = candidates.map { (name: $0, distance: distance(name, $0)) }
        let rank = { (name: String, distance: Int) in (distance, abs(name.utf8.count - length)) }
        guard let best = scored.min(by: { rank($0.name, $0.distance) < rank($1.name, $1.distance) }) else { return nil }
        if best.distance <= 1 {
            return best.name
        }
        let longer = candidates.filter { length >= 3 && $0.hasPrefix(name) }
        if let shortest = longer.min(by: { $0.utf8.count < $1.utf8.count }) {
            return shortest
        }
        return length >= 4 && best.distance <= max(2, length / 4) ? best.name : nil
    }

    /// The edit distance in bytes: insertions, deletions, replacements, and neighbours that are swapped.
    static func distance(_ first: String, _ second: String) -> Int {
        let (rows, columns) = (Array(first.utf8), Array(second.utf8))
        var (above, row) = ([Int](), Array(0...columns.count))
        for index in rows.indices {
            var next = [index + 1]
            for column in columns.indices {
                let replaced = row[column] + (columns[column] == rows[index] ? 0 : 1)
                var least = min(replaced, row[column + 1] + 1, next[column] + 1)
                if index > 0, column > 0, rows[index] == columns[column - 1], rows[index - 1] == columns[column] {
                    least = min(least, above[column - 1] + 1)
                }
                next.append(least)
            }
            (above, row) = (row, next)
        }
        return row[columns.count]
    }
}

/// A name without regard to capital letters, points, underscores and blanks.
public struct LooseName: Sendable {
    private let parts: [String]
    private let text: String

    /// Create the loose form of a name as a person types it.
    public init(_ text: String) {
        self.text = text
        parts = text.lowercased().split { "-._ ".contains($0) }.map(String.init)
    }

    /// The candidate that the name means, and the nearest candidates where it means none.
    ///
    /// A name means the candidate that it equals, else the only one that has its parts in a row: `arctic` means
    /// snowflake-arctic, `h100` means H100-SXM.
    public func match(_ candidates: [String]) -> (name: String?, near: [String]) {
        if let same = candidates.first(where: { $0 == text }) { return (same, []) }
        let loose = candidates.map { (name: $0, parts: LooseName($0).parts) }
        if let equal = loose.first(where: { $0.parts.joined() == parts.joined() }), !parts.isEmpty {
            return (equal.name, [])
        }
        let alike = loose.filter { candidate in
            !parts.isEmpty && candidate.parts.indices.contains { candidate.parts[$0...].starts(with: parts) }
        }
        if alike.count == 1 { return (alike[0].name, []) }
        guard alike.isEmpty else { return (nil, alike.map(\.name)) }
        let within = candidates.filter { !text.isEmpty && $0.lowercased().contains(text.lowercased()) }
        return (nil, within.isEmpty ? [NearestName.of(text, among: candidates)].compactMap(\.self) : within)
    }
}
