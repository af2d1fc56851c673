import Basics
import Cluster
import Configuration
import CostModel
import Foundation
import MoE
import Placement
import Reports
import Runtime
import Settings
import Tensors
import Workloads

/// The description of a live run, for its report and for the view of a run under way.
struct RunDescriber {
    let resolved: ResolvedConfiguration
    let configName: String
    let id: RunID
    let routerLearns: Bool
    let started: Date

    /// The description of a run: its settings, hosts, ranks and versions.
    ///
    /// - Parameter busyProcesses: processes of this machine that compute.
    func description(_ outcome: SessionOutcome, busyProcesses: Int) -> RunDescription {
        let plan = resolved.plan
        let router = RouterText(resolved)
        return RunDescription(
            id: id.description,
            epsimVersion: EpsimVersion.current,
            configName: configName,
            unread: resolved.unread.isEmpty ? nil : resolved.unread,
            commandLine: CommandLine.arguments,
            startedAt: ISO8601DateFormatter().string(from: started),
            seed: plan.run.seed,
            clock: .measured,
            steps: plan.run.steps,
            warmupSteps: plan.run.warmup,
            model: plan.modelShape,
            checkpoint: CheckpointDescription(resolved),
            router: router.line,
            routerLearns: routerLearns,
            padding: router.padding,
            expertDtype: plan.model.dtype.rawValue,
            payloadDtype: plan.cluster.payload.rawValue,
            dispatchDtype: plan.cluster.dispatchPayload?.rawValue,
            combine: plan.cluster.combine.rawValue,
            overlap: plan.run.overlap.rawValue,
            placement: plan.cluster.livePlacementWords,
            transport: plan.cluster.transport.rawValue,
            workload: RunText.workload(
                outcome.workload,
                steps: outcome.steps.isEmpty ? 0 : plan.run.warmup + outcome.steps.count,
                plan
            ),
            hosts: [
                HostDescription(
                    name: Host.name,
                    cores: Host.cores,
                    busyProcesses: busyProcesses,
                    memoryBytes: Host.totalMemory,
                    system: Host.system
                )
            ],
            workers: workers(outcome)
        )
    }

    /// The description of each rank, also of those that never joined.
    private func workers(_ outcome: SessionOutcome) -> [RankDescription] {
        (0..<resolved.plan.cluster.workers).map { rank in
            let worker = outcome.workers.first { $0.rank == rank }
            return RankDescription(
                rank: rank,
                pid: worker?.pid ?? 0,
                host: worker?.host ?? "never joined",
                expertsPerLayer: worker?.expertsPerLayer
                    ?? [Int](repeating: 0, count: resolved.plan.model.layers),
                kernels: worker?.kernels ?? [],
                weightBytes: worker?.weightBytes ?? 0,
                clockOffsetSeconds: worker?.clockOffsetSeconds ?? 0,
                clockUncertaintySeconds: worker?.clockUncertaintySeconds ?? 0
            )
        }
    }
}

/// Settings of a run in one line each, for headers.
enum RunText {
    /// Describe the workload of a run in one line, and how often the run read through a recorded input.
    ///
    /// - Parameter steps: the steps that were routed, those of the warm-up among them.
    static func workload(
        _ workload: WorkloadSummary?,
        steps: Int,
        _ plan: RunPlan
    ) -> WorkloadDescription {
        let settings = plan.workload
        var text = settings.kind.rawValue
        if settings.kind == .synthetic { text += ", \(settings.distribution.rawValue) expert popularity" }
        if let source = workload?.source { text += " from \(source)" }
        if let tokens = workload?.distinctTokens { text += ": \(tokens) tokens" }
        return WorkloadDescription(
            summary: text,
            tokensPerStep: settings.tokens,
            cycles: workload?.passes(steps: steps)
        )
    }
}

/// The router of a run in words, for headers.
struct RouterText {
    private let plan: RunPlan
    private let values: [ResolvedValue]
    private let model: RouterOptions
    private let entry: RouterCatalogue.Entry?

    /// Create the words for the router of a resolved configuration.
    init(_ resolved: ResolvedConfiguration) {
        plan = resolved.plan
        values = resolved.values
        model = resolved.published
        entry = RouterCatalogue.entry(named: plan.routerName)
    }

    /// The name, mode and rule of the router, the copies that it drops, and its changes from the published values: those
    /// of the model that a preset or a checkpoint names, else those of the router.
    var line: String {
        let name = plan.routerName + mode
        guard let entry else { return name }
        guard let published = entry.rule else { return "\(name): \(entry.summary)" + others(entry) }
        let rule = published.applying(plan.router.options)
        var unchanged = model
        unchanged.training = plan.router.options.training
        let changes = rule.changes(from: published.applying(unchanged))
        let drops = rule.dropSummary(tokens: plan.workload.tokens, experts: plan.modelShape.candidates)
        return "\(name): \(rule.summary); drops \(drops)" + Self.list(changes, after: "; changed: ")
    }

    /// The size, in words, up to which the queues of experts are padded, for routers that pad them.
    var padding: String {
        let rule = entry?.rule?.applying(plan.router.options)
        return rule?.blockRows.map { "blocks of \($0) rows" } ?? "the capacity of their experts"
    }

    private var mode: String {
        guard entry?.reads(\.training) == true else { return "" }
        return plan.router.options.training == false ? " in evaluation" : " in training"
    }

    /// The copies per token and the options given, for a router that has no rule in the catalogue.
    private func others(_ entry: RouterCatalogue.Entry) -> String {
        var text = ""
        if entry.reads(\.topK), let copies = try? plan.copiesPerToken() {
            text += "; at most \(copies == 1 ? "1 copy" : "\(copies) copies") a token"
            if plan.workload.kind == .loads, plan.workload.groups > 1 {
                text += ", within \(plan.workload.groupsKept) of \(plan.workload.groups) groups"
            }
            if entry.hasQueues, let capacity = plan.router.options.queues.capacity {
                let (tokens, experts) = (plan.workload.tokens, plan.modelShape.candidates)
                text += "; drops \(plan.router.options.queues.dropSummary)"
                text += capacity.copiesInWords(tokens: tokens, topK: copies, experts: experts)
            }
        }
        let set = RouterOptions.rows.filter { entry.reads($0) }.compactMap { row -> String? in
            let value = values.first { $0.key == "router.\(row.option.key)" }
            guard let text = value?.text, value?.source != .builtIn else { return nil }
            return "\(row.option.key) \(text)"
        }
        return text + Self.list(set, after: "; set: ")
    }

    private static func list(_ parts: [String], after start: String) -> String {
        parts.isEmpty ? "" : start + parts.joined(separator: ", ")
    }
}

extension CheckpointDescription {
    /// The description of the checkpoint of a configuration; nil where it has none.
    init?(_ resolved: ResolvedConfiguration) {
        let model = resolved.plan.model
        guard let path = model.checkpoint, let family = model.family else { return nil }
        self.init(
            file: Folder.name(of: path),
            family: family,
            layers: model.checkpointLayers,
            forcedOn: resolved.forcedOn
        )
    }
}
