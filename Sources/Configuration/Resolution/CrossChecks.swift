import Basics
import Cluster
import CostModel
import MoE
import Runtime
import Settings
import Workloads

/// The checks of a configuration that need more than one setting.
struct CrossChecks {
    /// The part of the configuration that is checked.
    enum Scope: Sendable {
        /// All settings of a run.
        case run
        /// The router and the number of experts.
        case router
    }

    let plan: RunPlan
    let sources: [String: Source]
    let scope: Scope

    /// All conflicts between settings.
    var problems: [ConfigurationProblem] {
        let router = RouterChecks(checks: self).problems
        return scope == .router ? router : router + cluster
    }

    private var cluster: [ConfigurationProblem] {
        let workers = plan.cluster.workers
        var problems: [ConfigurationProblem?] = []
        if plan.cluster.delayPhase != nil, plan.cluster.delayRank >= workers {
            let found = plan.cluster.delayRank
            let allowed = "0 to \(workers - 1), as \(given("cluster.workers"))"
            problems.append(problem("cluster.delay_rank", "found \(found), allowed: \(allowed)"))
        }
        if plan.model.preset != nil, plan.model.checkpoint != nil {
            let message = "does not apply: the checkpoint says everything that a preset would, as "
            problems.append(problem("model.preset", message + given("model.checkpoint")))
        }
        return (problems + [placement, transport, weights, straggler, groups, change]).compactMap(\.self)
    }

    private var placement: ConfigurationProblem? {
        let (experts, workers) = (plan.model.experts, plan.cluster.workers)
        // A file says itself how many slots there are.
        guard plan.cluster.placement.policy != nil else { return nil }
        guard let slots = plan.cluster.slots else {
            guard workers > experts else { return nil }
            let allowed = "at most \(experts), as \(given("model.experts"))"
            return problem("cluster.workers", "found \(workers), allowed: \(allowed)")
        }
        guard slots >= experts else {
            let allowed = "at least \(experts), as \(given("model.experts"))"
            return problem("cluster.slots", "found \(slots), allowed: \(allowed)")
        }
        guard slots / workers <= experts else {
            let allowed =
                "at most \(experts * workers), each expert once on each rank, as \(given("model.experts")) and "
            return problem("cluster.slots", "found \(slots), allowed: " + allowed + given("cluster.workers"))
        }
        guard slots.isMultiple(of: workers) else {
            let allowed = "a multiple of \(workers), as \(given("cluster.workers"))"
            return problem("cluster.slots", "found \(slots), allowed: \(allowed)")
        }
        return nil
    }

    private var straggler: ConfigurationProblem? {
        let workers = plan.cluster.workers
        guard let rank = plan.hardware.stragglerRank, rank >= workers else { return nil }
        let allowed = "0 to \(workers - 1), as \(given("cluster.workers"))"
        return problem("hardware.straggler_rank", "found \(rank), allowed: \(allowed)")
    }

    private var groups: ConfigurationProblem? {
        let workload = plan.workload
        guard plan.modelShape.candidates.isMultiple(of: workload.groups) else {
            let allowed = "a number that divides the experts, as \(givenExperts)"
            return problem("workload.groups", "found \(workload.groups), allowed: \(allowed)")
        }
        guard workload.groupsKept > workload.groups else { return nil }
        let allowed = "at most \(workload.groups), as \(given("workload.groups"))"
        return problem("workload.groups_kept", "found \(workload.groupsKept), allowed: \(allowed)")
    }

    private var change: ConfigurationProblem? {
        let workload = plan.workload
        guard workload.distribution == .uniform, let change = workload.change, change != .burst else { return nil }
        let allowed = "burst, or none, as all experts are alike: \(given("workload.distribution"))"
        return problem("workload.change", "found \(change.rawValue), allowed: \(allowed)")
    }

    private var transport: ConfigurationProblem? {
        let transport = plan.cluster.transport.rawValue
        guard let endpoint = plan.cluster.endpoint, !endpoint.hasPrefix("\(transport)://") else { return nil }
        let allowed = "\(transport)://..., as \(given("cluster.transport"))"
        return problem("cluster.endpoint", "found \(Quoted.text(endpoint)), allowed: \(allowed)")
    }

    /// A problem where the bytes of all weights in single precision exceed an `Int`; where they fit, every smaller size
    /// fits, too.
    private var weights: ConfigurationProblem? {
        let shape = plan.modelShape
        let counts = [shape.experts.multipliedReportingOverflow(by: shape.expert.parameterCount)]
        let beside = shape.commonExperts.reduce(0) { $0 + $1.shape.parameterCount }
        let ofLayer = counts[0].partialValue.addingReportingOverflow(beside)
        let bytes = ofLayer.partialValue.multipliedReportingOverflow(by: shape.layers * MemoryLayout<Float>.size)
        if !counts[0].overflow && !ofLayer.overflow && !bytes.overflow { return nil }
        let keys = ["layers", "experts", "hidden", "expert_ffn", "shared_ffn", "dense_ffn"].map { "model.\($0)" }
        let sizes = keys.compactMap { key in
            RunPlan.table[key]?.text(plan).map { "\(key) \($0)" }
        }
        let message = "the weights of \(WordList.all(sizes)) exceed 2^63 bytes, allowed: a model of fewer bytes"
        return problem("model.experts", message)
    }

    /// A setting with value and source, as in `model.experts is 8 (a.yaml:2)`.
    func given(_ key: String) -> String {
        let setting = RunPlan.table[key]
        return "\(key) is \(setting?.text(plan) ?? setting?.absence ?? "") (\(source(key)))"
    }

    /// The settings that say how many experts the router ranks.
    var givenExperts: String {
        let identity = "model.identity_experts"
        return given("model.experts") + (plan.model.identityExperts > 0 ? " and \(given(identity))" : "")
    }

    /// A problem of a key, at the place of that key or of another one.
    func problem(_ key: String, _ message: String, at place: String? = nil) -> ConfigurationProblem {
        ConfigurationProblem(location: source(place ?? key).location, key: key, message: message)
    }

    /// The option whose value is at a key path of the plan.
    func option(at path: PartialKeyPath<RunPlan>) -> Option<RunPlan>? {
        RunPlan.table.option(at: path)
    }

    /// The source of a key's value.
    func source(_ key: String) -> Source { sources[key] ?? .builtIn }
}
