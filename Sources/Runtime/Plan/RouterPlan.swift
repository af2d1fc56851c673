import Workloads
public import Basics
public import MoE

/// The section `router`: which experts see which tokens, with what weight, and what happens to a full expert.
public struct RouterPlan: Equatable, Sendable {
    /// The name of the router in `RouterCatalog`.
    public var kind = "softmax-top-k"
    /// Standard deviation of the seeded gate's logits for a token of unit RMS.
    public var logitStd = 1.0
    /// What is set about it; what is nil is as the router called ``kind`` has it.
    public var options = RouterOptions()

    /// The defaults.
    public init() {}

    /// The router.
    ///
    /// - Parameter tokenFrequencies: how often each vocabulary id occurs, for routers that hash by frequency; nil to
    ///   let them count the tokens of each step.
    /// - Throws: `RoutingError` when no router is called ``kind``, or its capacity is not allowed; neither can be in
    ///   a resolved configuration.
    public func makeRouter(tokenFrequencies: [Double]? = nil) throws(RoutingError) -> any Router {
        var options = self.options
        options.frequencies = tokenFrequencies
        return try RouterCatalog.router(named: kind, options: options)
    }
}

extension RunPlan {
    /// The options of the section `router`: its name, the options of the table of routers, and, behind those of the
    /// weights, what the gate's logits are made with.
    static let routerSection: [Option<RunPlan>] = {
        guard let last = routerOptions.firstIndex(where: { $0.path() == \Self.router.options.training }) else {
            preconditionFailure("the table of routers has no option for training")
        }
        return [kind] + routerOptions[...last] + [logitStd] + routerOptions[(last + 1)...]
    }()

    /// The options of the table of routers.
    public static let routerOptions: [Option<RunPlan>] = RouterOptions.rows.map { row in
        Option(row.option, at: \.router.options, prefix: "router.", when: condition(row.isRead.and(row.condition)))
    }

    private static let kind = Option<RunPlan>(
        "router.kind",
        \.router.kind,
        .router,
        "The router; what is not given below is as it has it."
    )

    private static let logitStd = Option<RunPlan>(
        "router.logit_std",
        \.router.logitStd,
        .number(above: 0),
        "Standard deviation of the seeded gate's logits for a token of unit RMS.",
        when: Condition("model.checkpoint", "model.checkpoint is not given") { $0.model.checkpoint == nil }
    )

    /// A condition on a router as one on the run, where recorded choices are a router of their own.
    private static func condition(_ part: Condition<RouterChoice>) -> Condition<RunPlan> {
        let keys = part.keys.flatMap { $0 == "kind" ? ["router.kind", "workload.kind"] : ["router.\($0)"] }
        return Condition(part, keys: keys, of: { RouterChoice(named: $0.routerName, options: $0.router.options) }) {
            key,
            root in
            key == "kind" && root.workload.kind.holdsChoices ? "workload.kind" : "router.\(key)"
        }
    }
}
