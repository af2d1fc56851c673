import Basics
import MoE
import Runtime
import Settings
import Workloads

/// The checks that the router fits the model and the workload.
struct RouterChecks {
    let checks: CrossChecks

    private var plan: RunPlan { checks.plan }
    private var experts: Int { plan.modelShape.candidates }
    private var entry: RouterCatalogue.Entry? { RouterCatalogue.entry(named: plan.routerName) }

    /// All conflicts of the router with other settings; if there is none, the error that the router itself reports.
    var problems: [ConfigurationProblem] {
        do {
            let router = try plan.makeRouter()
            let ofRun = checks.scope == .run ? needs + projections(router) + logits(router) : []
            let found = sizes(router) + missingDevices + ofRun
            if found.isEmpty { try router.check(experts: experts) }
            return found
        } catch {
            // A capacity can be refused before the router is there, anything else only by the router.
            let options: [PartialKeyPath<RunPlan>] = [
                \.router.options.capacityFactor, \.router.options.capacityOf,
            ]
            let key = options.map(checks.option(at:)).first { $0?.text(plan) != nil }??.key ?? "router.kind"
            return [checks.problem(key, "\(error)")]
        }
    }

    private func sizes(_ router: any Router) -> [ConfigurationProblem] {
        switch router {
        case let router as TopKRouter:
            ofRule(router.rule)
        case let router as HierarchicalRouter:
            hierarchy(router)
        case let router as StrictlyBalancedRouter:
            atMost(experts, \.router.options.topK, router.topK, as: "model.experts")
        case let router as HashRouter:
            divides(\.router.options.hashes, router.mostCopies(experts: experts))
        default:
            atMost(experts, \.router.options.topK, router.mostCopies(experts: experts), as: "model.experts")
        }
    }

    private func ofRule(_ rule: TopKRule) -> [ConfigurationProblem] {
        var found = atMost(experts, \.router.options.topK, rule.topK, as: "model.experts")
        if rule.hasDevices, let devices = rule.devices { found += divides(\.router.options.devices, devices) }
        guard found.isEmpty, let limit = rule.groups else { return found }
        let groups =
            divides(\.router.options.groups, limit.groups)
            + atMost(limit.groups, \.router.options.groupsKept, limit.kept, as: "router.groups")
        guard groups.isEmpty else { return groups }
        let held = limit.kept * (experts / limit.groups)
        return rule.topK <= held
            ? []
            : refuse(
                \.router.options.topK,
                rule.topK,
                "at most \(held), as \(limit.kept) of \(limit.groups) groups hold no more"
            )
    }

    private func hierarchy(_ router: HierarchicalRouter) -> [ConfigurationProblem] {
        let groups = divides(\.router.options.hierarchyGroups, router.groups)
        let most = min(router.groups, experts / max(router.groups, 1))
        guard groups.isEmpty, router.topK > most else { return groups }
        let reason = "\(router.groups) groups of \(experts / router.groups) experts have no more on a level"
        return refuse(\.router.options.topK, router.topK, "at most \(most), as \(reason)")
    }

    /// A problem where options need the number of devices and no source gives it.
    private var missingDevices: [ConfigurationProblem] {
        let given = plan.router.options
        guard given.devices == nil, given.groups == nil, entry?.rule?.devices == nil else { return [] }
        let askers: [PartialKeyPath<RunPlan>] = [
            \.router.options.deviceFactor, \.router.options.deviceLoss, \.router.options.communicationLoss,
        ]
        guard let key = askers.compactMap(checks.option(at:)).first(where: { $0.text(plan) != nil })?.key
        else {
            return []
        }
        let message = "missing, required when \(checks.given(key)), allowed: a number that divides \(experts) experts"
        return [checks.problem("router.devices", message, at: key)]
    }

    /// A problem where the router reads projections other than the gate, which is the only one that a checkpoint holds.
    private func projections(_ router: any Router) -> [ConfigurationProblem] {
        guard plan.model.checkpoint != nil, router.projections.contains(where: { $0 != .gate }) else {
            return []
        }
        let allowed = "a router that reads the gate alone, as \(checks.given("model.checkpoint"))"
        return [checks.problem("router.kind", "found \(plan.routerName), allowed: \(allowed)")]
    }

    /// A problem where a deviation of the seeded logits is given and the router reads none of them: a synthetic workload
    /// gives the logits of the gate itself, but not those of further projections.
    private func logits(_ router: any Router) -> [ConfigurationProblem] {
        let kind = plan.workload.kind
        let isGiven = kind == .synthetic
        guard let option = checks.option(at: \.router.logitStd),
            !router.projections.contains(where: { $0 != .gate || !isGiven }),
            // A file that another command wrote has the default.
            option.text(plan) != option.text(RunPlan()) || checks.source(option.key).isOfOneRun
        else { return [] }
        let culprit = checks.given(isGiven || kind.holdsChoices ? "workload.kind" : "router.kind")
        let message = "does not apply: it applies when the router reads seeded logits, but \(culprit)"
        return [checks.problem(option.key, message)]
    }

    private var needs: [ConfigurationProblem] {
        let kinds: [RouterNeed: (kinds: [String], what: String)] = [
            .tokenIDs: (["text", "activations"], "token ids"),
            .recordedChoices: (["trace", "loads"], "recorded choices"),
        ]
        let workload = plan.workload
        return (entry?.needs ?? []).flatMap { need -> [ConfigurationProblem] in
            if need == .evenTokens { return evenTokens }
            guard let allowed = kinds[need], !allowed.kinds.contains(workload.kind.rawValue) else { return [] }
            let words = WordList.alternatives(allowed.kinds)
            let message = "found \(plan.routerName), which needs \(allowed.what), allowed: with "
            return [checks.problem("router.kind", message + "workload.kind \(words); \(checks.given("workload.kind"))")]
        }
    }

    private var evenTokens: [ConfigurationProblem] {
        let tokens = plan.workload.tokens
        guard plan.router.options.training ?? true, tokens % experts != 0 else { return [] }
        let allowed = "a multiple of \(experts), as \(checks.givenExperts) and \(checks.given("router.kind"))"
        return [checks.problem("workload.tokens", "found \(tokens), allowed: \(allowed)")]
    }

    private func divides(_ path: PartialKeyPath<RunPlan>, _ value: Int) -> [ConfigurationProblem] {
        experts % max(value, 1) == 0
            ? [] : refuse(path, value, "a number that divides the experts, as \(checks.givenExperts)")
    }

    private func atMost(
        _ bound: Int,
        _ path: PartialKeyPath<RunPlan>,
        _ value: Int,
        as key: String
    ) -> [ConfigurationProblem] {
        guard value > bound else { return [] }
        let isGiven = RunPlan.table[key]?.text(plan) != nil
        let given = key == "model.experts" ? checks.givenExperts : checks.given(key)
        let reason = isGiven ? given : "\(plan.routerName) has \(bound) \(key.dropFirst(7))"
        return refuse(path, value, "at most \(bound), as \(reason)")
    }

    /// A problem of a value that is not allowed. Where no source gave the value, it is the router's own, and the
    /// problem is at the place of `router.kind`.
    private func refuse(
        _ path: PartialKeyPath<RunPlan>,
        _ value: Int,
        _ allowed: String
    ) -> [ConfigurationProblem] {
        guard let option = checks.option(at: path) else { return [] }
        let (key, isGiven) = (option.key, option.text(plan) != nil)
        let own = isGiven ? "" : " (as \(plan.routerName) has it)"
        return [checks.problem(key, "found \(value)\(own), allowed: \(allowed)", at: isGiven ? key : "router.kind")]
    }
}
