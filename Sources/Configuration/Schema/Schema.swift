/// All settings of one kind of YAML mapping, in the order in which they are shown.
struct Schema<Root: Sendable>: Sendable {
    let settings: [Setting<Root>]
    /// The same settings, each behind those that its condition names: one pass in this order decides what applies.
    let resolutionOrder: [Setting<Root>]
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
        let places = Dictionary(settings.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
        self.places = places
        var ordered: [Setting<Root>] = []
        var seen: Set<String> = []
        func place(_ setting: Setting<Root>) {
            guard seen.insert(setting.key).inserted else { return }
            for key in setting.condition?.keys ?? [] {
                if let index = places[key] { place(settings[index]) }
            }
            ordered.append(setting)
        }
        settings.forEach(place)
        resolutionOrder = ordered
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

    /// What keeps a setting from applying, or nil when it applies: its own condition, or, where the setting that this
    /// one stumbles over does not apply itself, what keeps that from applying.
    func obstacle(to setting: Setting<Root>, in root: Root) -> Obstacle? {
        guard let obstacle = setting.condition?.obstacle(root) else { return nil }
        return self[obstacle.key].flatMap { self.obstacle(to: $0, in: root) } ?? obstacle
    }

    /// What to say about a name that a section does not have.
    func unknown(_ name: String, in section: String) -> String {
        let here = names(in: section)
        let words = WordList.alternatives(here)
        if self[name] != nil, let dot = name.lastIndex(of: ".") {
            return "unknown key, did you mean \(name[name.index(after: dot)...]) under \(name[..<dot])?"
        }
        if let nearest = NearestName.of(name, among: here) {
            return "unknown key, did you mean \(section.isEmpty ? nearest : "\(section).\(nearest)")?"
        }
        let elsewhere = settings.first { $0.name == name }
        return "unknown key, \(elsewhere.map { "did you mean \($0.key)?" } ?? "allowed: \(words)")"
    }

    /// What to say about a dotted key that does not exist.
    func unknown(_ key: String) -> String {
        if let dot = key.lastIndex(of: "."), sections.contains(String(key[..<dot])) {
            return unknown(String(key[key.index(after: dot)...]), in: String(key[..<dot]))
        }
        let nearest = NearestName.of(key, among: settings.map(\.key)) ?? settings.first { $0.name == key }?.key
        let words = WordList.alternatives(sections)
        return "unknown key, \(nearest.map { "did you mean \($0)?" } ?? "allowed: a key of \(words)")"
    }
}
