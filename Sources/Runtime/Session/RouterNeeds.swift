internal import MoE
internal import Workloads

/// What a router reads beside hidden states.
enum RouterNeeds {
    /// Throws unless the workload has it. Whether a file of activations has token ids is known when it is open.
    static func check(_ configuration: RunPlan, _ workload: any Workload) throws(RuntimeError) {
        let needs = RouterCatalog.entry(named: configuration.routerName)?.needs ?? []
        guard needs.contains(.tokenIDs), workload.tokenFrequencies == nil else { return }
        throw .configuration(
            "router.kind: \(configuration.routerName) reads token ids, and \(configuration.workload.path ?? "the workload") "
                + "holds no \"token_ids\" beside its hidden states"
        )
    }
}
