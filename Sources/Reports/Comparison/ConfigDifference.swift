public import Figures

/// A key of the configuration whose values differ between two sides.
public struct ConfigDifference: Codable, Equatable, Sendable {
    /// The dotted key.
    public let key: String
    /// A's value, or nil where the key does not apply.
    @OrNull public private(set) var a: String?
    /// B's value, or nil where the key does not apply.
    @OrNull public private(set) var b: String?

    /// What differs between two configurations, each as texts by dotted keys; sorted by key.
    public static func all(_ a: [String: String], _ b: [String: String], without: Set<String> = [])
        -> [ConfigDifference]
    {
        Set(a.keys).union(b.keys).subtracting(without).sorted().filter { a[$0] != b[$0] }.map { key in
            ConfigDifference(key: key, a: OrNull(wrappedValue: a[key]), b: OrNull(wrappedValue: b[key]))
        }
    }

    private init(key: String, a: OrNull<String>, b: OrNull<String>) {
        self.key = key
        _a = a
        _b = b
    }
}
