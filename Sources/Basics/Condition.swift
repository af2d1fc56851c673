/// The condition for an option to apply: other options have the right values, and apply themselves.
public struct Condition<Root>: Sendable {
    /// The keys of the settings that the condition reads.
    public let keys: [String]
    /// The condition in words: `workload.kind is text`.
    public let words: String
    /// The obstacle to the condition, or nil when the condition is met.
    public let obstacle: @Sendable (Root) -> Obstacle?

    private init(keys: [String], words: String, obstacle: @escaping @Sendable (Root) -> Obstacle?) {
        self.keys = keys
        self.words = words
        self.obstacle = obstacle
    }

    /// Create, from a condition on a part of a root, the same condition on the whole root.
    ///
    /// - Parameters:
    ///   - keys: the keys, in the whole, of the options that the condition reads.
    ///   - key: the key, in the whole, of the option that is the obstacle.
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

    /// Create a condition on several settings.
    ///
    /// - Parameter culprit: the one of `keys` that is the obstacle, or nil when the condition is met.
    public init(_ keys: [String], _ words: String, culprit: @escaping @Sendable (Root) -> String?) {
        self.init(keys: keys, words: words) { root in culprit(root).map { Obstacle(words: words, key: $0) } }
    }

    /// Create a condition on one option.
    public init(_ key: String, _ words: String, isMet: @escaping @Sendable (Root) -> Bool) {
        self.init([key], words) { isMet($0) ? nil : key }
    }

    /// The condition that the option `key` has one of some values.
    public static func of<Value: RawRepresentable & Equatable & Sendable>(
        _ key: String,
        _ path: any KeyPath<Root, Value> & Sendable,
        _ values: Value...
    ) -> Condition where Value.RawValue == String {
        Condition(key, "\(key) is \(WordList.alternatives(values.map(\.rawValue)))") {
            values.contains($0[keyPath: path])
        }
    }

    /// Return the condition that this one and another one are met; this one alone where the other is nil. Where neither
    /// is met, the obstacle is that of this one.
    public func and(_ other: Condition?) -> Condition {
        guard let other else { return self }
        let (first, second) = (obstacle, other.obstacle)
        let keys = keys.filter { !other.keys.contains($0) } + other.keys
        return Condition(keys: keys, words: "\(words) and \(other.words)") { first($0) ?? second($0) }
    }
}

/// The reason for which an option does not apply.
public struct Obstacle: Equatable, Sendable {
    /// The condition under which the option would apply, in words.
    public let words: String
    /// The key of the option whose value is the obstacle.
    public let key: String
}
