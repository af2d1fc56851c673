import Placement
import CostModel
import Cluster
import Tensors
import Configuration
import Foundation
import Reports
import Runtime

/// Says what a live run is: in its report, and while it is under way.
struct RunDescriber {
    let resolved: ResolvedConfiguration
    let configName: String
    let id: RunID
    let routerLearns: Bool
    let started: Date

    /// What was run, where and with what.
    ///
    /// - Parameter busyProcesses: processes of this machine that compute.
    func description(_ outcome: SessionOutcome, busyProcesses: Int) -> RunDescription {
        let configuration = resolved.plan
        let router = RouterText(resolved)
        return RunDescription(
            id: id.description,
            epsimVersion: EpsimVersion.current,
            configName: configName,
            commandLine: CommandLine.arguments,
            startedAt: ISO8601DateFormatter().string(from: started),
            seed: configuration.run.seed,
            clock: .measured,
            steps: configuration.run.steps,
            warmupSteps: configuration.run.warmup,
            model: configuration.modelShape,
            checkpoint: checkpoint(configuration.model),
            router: router.line,
            routerLearns: routerLearns,
            padding: router.padding,
            expertDtype: configuration.model.dtype.rawValue,
            payloadDtype: configuration.cluster.payload.rawValue,
            dispatchDtype: configuration.cluster.dispatchPayload?.rawValue,
            combine: configuration.cluster.combine.rawValue,
            overlap: configuration.run.overlap.rawValue,
            placement: configuration.cluster.placement.rawValue,
            transport: configuration.cluster.transport.rawValue,
            workload: RunText.workload(outcome.workload, steps: outcome.steps.count, configuration),
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

    private func checkpoint(_ model: ModelOptions) -> CheckpointDescription? {
        guard let path = model.checkpoint, let family = model.family else { return nil }
        let name = URL(fileURLWithPath: path).lastPathComponent
        return CheckpointDescription(file: name, family: family, layers: model.checkpointLayers)
    }

    /// One entry per rank, also for those that never joined.
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
