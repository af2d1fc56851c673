/// All settings of one kind of YAML mapping, in the order in which they are shown.
///
/// A setting's condition names an earlier setting, so that one pass in this order decides what applies.
struct Schema<Root: Sendable>: Sendable {
    let settings: [Setting<Root>]
    /// Sections in order, without the top level.
    let sections: [String]
    private let places: [String: Int]

    init(_ settings: [Setting<Root>]) {
        self.settings = settings
        var sections: [String] = []
        for section in settings.map(\.section) where !section.isEmpty && !sections.contains(section) {
            sections.append(section)
        }
        self.sections = sections
        places = Dictionary(settings.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(key: String) -> Setting<Root>? {
        places[key].map { settings[$0] }
    }

    /// The settings of one section.
    func settings(in section: String) -> [Setting<Root>] {
        settings.filter { $0.section == section }
    }

    /// The keys and sections that may stand in a mapping, without its own name.
    func names(in section: String) -> [String] {
        settings(in: section).map(\.name) + (section.isEmpty ? sections : [])
    }

    /// The condition that keeps a setting from applying, or nil when it applies: its own, or that of the setting which
    /// its own condition names, and so on.
    func unmetCondition(of setting: Setting<Root>, in root: Root) -> Condition? {
        guard let condition = setting.condition, let other = self[condition.key] else { return nil }
        if let deeper = unmetCondition(of: other, in: root) {
            return deeper
        }
        return other.text(root).map(condition.values.contains) ?? false ? nil : condition
    }

    /// What to say about a key that does not exist.
    func unknown(_ key: String) -> String {
        let leaf = key.split(separator: ".").last.map(String.init) ?? key
        let moved = settings.first { $0.name == leaf }?.key
        if let nearest = NearestName.of(key, among: settings.map(\.key)) ?? moved {
            return "unknown key, did you mean \(nearest)?"
        }
        let section = key.lastIndex(of: ".").map { String(key[..<$0]) } ?? ""
        let allowed = names(in: sections.contains(section) ? section : "")
        return "unknown key, allowed: \(WordList.alternatives(allowed))"
    }
}
