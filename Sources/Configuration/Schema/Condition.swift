/// When a setting applies: other settings have the right values, and apply themselves.
struct Condition<Root>: Sendable {
    /// The settings that it looks at.
    let keys: [String]
    /// When it is met, in words: `workload.kind is text`.
    let words: String
    /// What keeps it from being met, or nil when it is met.
    let obstacle: @Sendable (Root) -> Obstacle?

    private init(keys: [String], words: String, obstacle: @escaping @Sendable (Root) -> Obstacle?) {
        self.keys = keys
        self.words = words
        self.obstacle = obstacle
    }

    /// A condition on several settings.
    ///
    /// - Parameter culprit: which of `keys` keeps it from being met, or nil when it is met.
    init(_ keys: [String], _ words: String, culprit: @escaping @Sendable (Root) -> String?) {
        self.init(keys: keys, words: words) { root in culprit(root).map { Obstacle(words: words, key: $0) } }
    }

    /// A condition on one setting.
    init(_ key: String, _ words: String, isMet: @escaping @Sendable (Root) -> Bool) {
        self.init([key], words) { isMet($0) ? nil : key }
    }

    /// The setting `key` has one of these values.
    static func of<Value: RawRepresentable & Equatable & Sendable>(
        _ key: String,
        _ path: any KeyPath<Root, Value> & Sendable,
        _ values: Value...
    ) -> Condition where Value.RawValue == String {
        Condition(key, "\(key) is \(WordList.alternatives(values.map(\.rawValue)))") {
            values.contains($0[keyPath: path])
        }
    }

    /// This and, unless there is no other, the other; the first obstacle counts.
    func and(_ other: Condition?) -> Condition {
        guard let other else { return self }
        let (first, second) = (obstacle, other.obstacle)
        let keys = keys.filter { !other.keys.contains($0) } + other.keys
        return Condition(keys: keys, words: "\(words) and \(other.words)") { first($0) ?? second($0) }
    }
}

/// Why a setting does not apply.
struct Obstacle: Equatable, Sendable {
    /// When it would apply.
    let words: String
    /// The setting whose value keeps it from applying.
    let key: String
}
