import Basics
import MoE
import Runtime

/// The values that a router uses of options that nothing gives.
struct UsedRouterOptions {
    /// The text of each value that is known, by its key; nil for an option that the router has no value of, as the
    /// capacity of one that drops nothing.
    let values: [String: String?]

    /// Find the values of the router of a plan.
    init(_ plan: RunPlan) {
        var values: [String: String?] = [:]
        let entry = RouterCatalogue.entry(named: plan.routerName)
        // A router with code of its own has queues by the options alone.
        let rule = entry?.rule?.applying(plan.router.options) ?? plan.router.options.queues
        for row in RouterOptions.rows where entry?.reads(row) == true {
            guard let used = row.used, entry?.rule != nil || row.readers == .queues else { continue }
            values.updateValue(used(rule), forKey: "router.\(row.option.key)")
        }
        if entry?.rule == nil {
            if let copies = try? plan.copiesPerToken() { values["router.top_k"] = "\(copies)" }
            let router = try? plan.makeRouter()
            if let router = router as? HierarchicalRouter { values["router.hierarchy_groups"] = "\(router.groups)" }
            if let router = router as? ExpertChoiceRouter { values["router.capacity_factor"] = "\(router.factor)" }
            if let router = router as? HashRouter, case .multiple(let hashes) = router.hashing {
                values["router.hashes"] = "\(hashes)"
            }
        }
        self.values = values
    }
}
