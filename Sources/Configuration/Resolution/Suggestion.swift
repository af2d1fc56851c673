import Runtime
import Settings

/// What a preset or a checkpoint gives: weaker than what somebody wrote, stronger than the defaults.
struct Suggestion: Sendable {
    /// The values of one source.
    let layer: Layer<RunPlan>
    private let byKey: [String: GivenValue]

    init(_ layer: Layer<RunPlan>) {
        self.layer = layer
        byKey = Dictionary(layer.assignments.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What it gives to an option, or nil when it gives nothing.
    ///
    /// The options of a router are published for that router: of them, another router takes over only k.
    ///
    /// - Parameter router: the name of the router that is configured.
    subscript(key: String, router: String) -> GivenValue? {
        let isOption = key.hasPrefix("router.") && !["router.kind", "router.top_k"].contains(key)
        if isOption, byKey["router.kind"] != nil, layer.values.router.kind != router { return nil }
        return byKey[key]
    }
}
