import Basics
import Cluster
import Configuration
import CostModel
import Foundation
import MoE
import Placement
import Records
import Reports
import Runtime
import Settings
import Tensors
import Workloads

/// The report of a prediction, in the form of a run's report.
struct PredictedReport {
    let resolved: ResolvedConfiguration
    let configName: String
    let id: String
    let started: Date

    /// Return the report of a prediction; its times are those of the modelled clock.
    func report(_ prediction: Prediction) throws(ReportError) -> Report {
        try Report(
            description: description(prediction),
            steps: prediction.steps,
            end: prediction.isInterrupted
                ? .interrupted("ended by the user after \(prediction.steps.count) steps") : .completed,
            limits: prediction.limits.seconds > 0 ? prediction.limits : nil,
            notes: resolved.notes + prediction.notes,
            warnings: PredictionWarnings(resolved: resolved, prediction: prediction).all
        )
    }

    private func description(_ prediction: Prediction) -> RunDescription {
        let plan = resolved.plan
        let router = RouterText(resolved)
        let shape = plan.modelShape
        return RunDescription(
            id: id,
            epsimVersion: EpsimVersion.current,
            configName: configName,
            unread: resolved.unread.isEmpty ? nil : resolved.unread,
            commandLine: CommandLine.arguments,
            startedAt: ISO8601DateFormatter().string(from: started),
            seed: plan.run.seed,
            clock: .modelled,
            steps: plan.run.steps,
            warmupSteps: prediction.warmupSteps,
            model: shape,
            checkpoint: CheckpointDescription(resolved),
            router: router.line,
            padding: router.padding,
            expertDtype: plan.hardware.products.rawValue,
            payloadDtype: "bf16",
            dispatchDtype: plan.hardware.dispatch.rawValue,
            overlap: plan.run.overlap.rawValue,
            placement: plan.cluster.placementWords,
            transport: plan.hardware.kernel.rawValue,
            workload: RunText.workload(
                prediction.workload,
                steps: prediction.warmupSteps + prediction.steps.count,
                plan
            ),
            hardware: hardware(prediction),
            hosts: [],
            workers: (0..<prediction.placement.ranks).map { rank in
                let slots = prediction.placement.slotCounts(ofRank: rank)
                return RankDescription(
                    rank: rank,
                    pid: 0,
                    host: plan.hardware.profile,
                    expertsPerLayer: slots,
                    kernels: [],
                    weightBytes: Int(
                        Double(slots.reduce(0, +)) * prediction.model.compute.work.weightBytes
                            + prediction.memory.commonWeights
                    )
                )
            }
        )
    }

    private func hardware(_ prediction: Prediction) -> HardwareDescription {
        let model = prediction.model
        let profile = model.cluster.profile
        return HardwareDescription(
            profile: profile.name,
            summary: profile.summary,
            ranksPerNode: model.cluster.ranksPerNode,
            nodes: model.cluster.nodes,
            kernel: model.communication.kernel.rawValue,
            products: resolved.plan.hardware.products.rawValue,
            assumedConstants: profile.assumed(among: model.constants).map(\.rawValue),
            memoryNeededBytes: prediction.memory.needed,
            memoryBytes: prediction.memory.capacity
        )
    }
}

/// The warnings about a prediction: limits of the model behind it.
struct PredictionWarnings {
    let resolved: ResolvedConfiguration
    let prediction: Prediction

    /// All warnings: those of the routing, about settings beyond the range of the measurements behind the model, and
    /// about constants that nobody measured.
    var all: [String] { prediction.warnings + range + assumed }

    private var plan: RunPlan { resolved.plan }

    private var model: LayerModel { prediction.model }

    private var assumed: [String] {
        let profile = model.cluster.profile
        let names = profile.assumed(among: model.constants).map(\.rawValue)
        guard !names.isEmpty else { return [] }
        return [
            "the prediction leans on constants that nobody measured on \(profile.name): "
                + names.joined(separator: ", ")
        ]
    }

    private var range: [String] {
        let workload = plan.workload
        guard let choices = try? plan.copiesPerToken() else { return [] }
        return model.rangeWarnings(
            choices: choices,
            tokensPerRank: Double(workload.tokens) / Double(plan.cluster.workers),
            isUniform: workload.kind == .synthetic && workload.distribution == .uniform
        )
    }
}
