import Basics
import MoE
import Workloads

extension RunSchema {
    /// The options of the section `router`: its name, the options of the table of routers, and, behind those of the
    /// weights, what the gate's logits are made with.
    static let router: [Option<RunConfiguration>] = {
        let end = (routerOptions.firstIndex { $0.key == "router.training" } ?? 0) + 1
        return [kind] + routerOptions[..<end] + [logitStd] + routerOptions[end...]
    }()

    /// The options of the table of routers.
    static let routerOptions: [Option<RunConfiguration>] = RouterOptions.rows.map { row in
        Option(row.option, at: \.router.options, prefix: "router.", when: condition(row.isRead.and(row.condition)))
    }

    private static let kind = Option<RunConfiguration>(
        "router.kind",
        \.router.kind,
        .router,
        "The router; what is not given below is as it has it."
    )

    private static let logitStd = Option<RunConfiguration>(
        "router.logit_std",
        \.router.logitStd,
        .number(above: 0),
        "Standard deviation of the seeded gate's logits for a token of unit RMS.",
        when: When("model.checkpoint", "model.checkpoint is not given") { $0.model.checkpoint == nil }
    )

    /// A condition on a router as one on the run, where recorded choices are a router of their own.
    private static func condition(_ part: Condition<RouterChoice>) -> When {
        let keys = part.keys.flatMap { $0 == "kind" ? ["router.kind", "workload.kind"] : ["router.\($0)"] }
        return When(part, keys: keys, of: { RouterChoice(named: $0.routerName, options: $0.router.options) }) {
            key,
            root in
            key == "kind" && root.workload.kind.holdsChoices ? "workload.kind" : "router.\(key)"
        }
    }
}
