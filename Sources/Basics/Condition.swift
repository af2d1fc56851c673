/// When an option applies: other options have the right values, and apply themselves.
public struct Condition<Root>: Sendable {
    /// The settings that it looks at.
    public let keys: [String]
    /// When it is met, in words: `workload.kind is text`.
    public let words: String
    /// What keeps it from being met, or nil when it is met.
    public let obstacle: @Sendable (Root) -> Obstacle?

    private init(keys: [String], words: String, obstacle: @escaping @Sendable (Root) -> Obstacle?) {
        self.keys = keys
        self.words = words
        self.obstacle = obstacle
    }

    /// A condition on a part as one on the whole.
    ///
    /// - Parameters:
    ///   - keys: what the whole calls the options that it looks at.
    ///   - key: what it calls the one that keeps it from being met.
    public init<Part>(
        _ part: Condition<Part>,
        keys: [String],
        of value: @escaping @Sendable (Root) -> Part,
        key: @escaping @Sendable (String, Root) -> String = { key, _ in key }
    ) {
        self.init(keys: keys, words: part.words) { root in
            part.obstacle(value(root)).map { Obstacle(words: $0.words, key: key($0.key, root)) }
        }
    }

    /// A condition on several settings.
    ///
    /// - Parameter culprit: which of `keys` keeps it from being met, or nil when it is met.
    public init(_ keys: [String], _ words: String, culprit: @escaping @Sendable (Root) -> String?) {
        self.init(keys: keys, words: words) { root in culprit(root).map { Obstacle(words: words, key: $0) } }
    }

    /// A condition on one option.
    public init(_ key: String, _ words: String, isMet: @escaping @Sendable (Root) -> Bool) {
        self.init([key], words) { isMet($0) ? nil : key }
    }

    /// The option `key` has one of these values.
    public static func of<Value: RawRepresentable & Equatable & Sendable>(
        _ key: String,
        _ path: any KeyPath<Root, Value> & Sendable,
        _ values: Value...
    ) -> Condition where Value.RawValue == String {
        Condition(key, "\(key) is \(WordList.alternatives(values.map(\.rawValue)))") {
            values.contains($0[keyPath: path])
        }
    }

    /// This and, unless there is no other, the other; the first obstacle counts.
    public func and(_ other: Condition?) -> Condition {
        guard let other else { return self }
        let (first, second) = (obstacle, other.obstacle)
        let keys = keys.filter { !other.keys.contains($0) } + other.keys
        return Condition(keys: keys, words: "\(words) and \(other.words)") { first($0) ?? second($0) }
    }
}

/// The reason for which an option does not apply.
public struct Obstacle: Equatable, Sendable {
    /// When it would apply.
    public let words: String
    /// The option whose value keeps it from applying.
    public let key: String
}
