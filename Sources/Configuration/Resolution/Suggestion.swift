import Settings

/// What a preset or a checkpoint gives: weaker than what somebody wrote, stronger than the defaults.
struct Suggestion: Sendable {
    private let byKey: [String: Assignment]

    /// The values of one source.
    init(_ assignments: [Assignment]) {
        byKey = Dictionary(assignments.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The value for a setting, or nil when there is none.
    ///
    /// The options of a router are published for that router: of them, another router takes over only k.
    ///
    /// - Parameter router: the name of the router that is configured.
    subscript(key: String, router: String) -> Assignment? {
        let isOption = key.hasPrefix("router.") && !["router.kind", "router.top_k"].contains(key)
        if isOption, let own = byKey["router.kind"], own.text != router { return nil }
        return byKey[key]
    }
}
