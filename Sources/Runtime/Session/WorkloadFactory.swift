import Cluster
internal import MoE
internal import Workloads

/// The maker of the workload that a configuration describes.
enum WorkloadFactory {
    /// Open the workload of a configuration.
    ///
    /// - Parameter topK: choices per token that a trace must hold.
    static func workload(_ plan: RunPlan, topK: Int) throws(WorkloadError) -> any Workload {
        let settings = plan.workload
        let model = plan.modelShape
        let seed = plan.run.seed
        switch settings.kind {
        case .activations:
            return try ActivationsWorkload(
                path: path(settings),
                tensor: settings.tensor,
                tokensPerStep: settings.tokens,
                hidden: model.hidden,
                steps: plan.run.warmup + plan.run.steps,
                ranks: settings.tokensBySource == nil ? plan.cluster.workers : nil,
                sequenceTokens: settings.sequenceTokens
            )
        case .text:
            return try TextWorkload(
                path: path(settings),
                seed: seed,
                tokensPerStep: settings.tokens,
                hidden: model.hidden,
                sequenceTokens: settings.sequenceTokens
            )
        case .trace:
            return try TraceWorkload(
                path: path(settings),
                tokensPerStep: settings.tokens,
                model: model,
                topK: topK,
                layers: settings.layers,
                sharedColumns: settings.sharedColumns ?? [],
                axes: settings.axes,
                ranks: settings.tokensBySource == nil ? plan.cluster.workers : nil,
                seed: seed,
                sequenceTokens: settings.sequenceTokens
            )
        case .loads:
            return try LoadsWorkload(
                path: path(settings),
                tokensPerStep: settings.tokens,
                model: model,
                topK: topK,
                limit: GroupChoice(groups: settings.groups, kept: settings.groupsKept),
                layers: settings.layers,
                recordedStep: settings.recordedStep,
                seed: seed,
                sequenceTokens: settings.sequenceTokens
            )
        case .synthetic:
            return SyntheticWorkload(
                distribution: distribution(settings),
                seed: seed,
                change: settings.change.map { kind in
                    PopularityChange(
                        kind: kind,
                        period: settings.changePeriod,
                        seed: settings.changeSeed.map { UInt64($0) } ?? seed,
                        factor: settings.burstFactor
                    )
                },
                tokensPerStep: settings.tokens,
                model: model,
                sequenceTokens: settings.sequenceTokens
            )
        }
    }

    private static func path(_ settings: WorkloadOptions) throws(WorkloadError) -> String {
        guard let path = settings.path else {
            throw WorkloadError(file: "workload.path", message: "a workload of kind \(settings.kind) needs a file")
        }
        return path
    }

    private static func distribution(_ settings: WorkloadOptions) -> ExpertDistribution {
        switch settings.distribution {
        case .uniform: .uniform
        case .zipf: .zipf(exponent: settings.exponent)
        case .logNormal: .logNormal(sigma: settings.sigma)
        case .powerLaw: .powerLaw(exponent: settings.exponent)
        }
    }
}
