import Placement
import Cluster
import Tensors
import CostModel
import Records
import Configuration
import Foundation
import Reports
import Runtime

/// Turns a prediction into the report of a run.
struct PredictedReport {
    let resolved: ResolvedConfiguration
    let configName: String
    let id: String
    let started: Date

    /// The report, whose clock is the modelled one.
    func report(_ prediction: Prediction) throws(ReportError) -> Report {
        try Report(
            description: description(prediction),
            steps: prediction.steps,
            end: prediction.isInterrupted
                ? .interrupted("ended by the user after \(prediction.steps.count) steps") : .completed,
            limits: prediction.limits.seconds > 0 ? prediction.limits : nil,
            notes: PredictionNotes(resolved: resolved, prediction: prediction).all
        )
    }

    private func description(_ prediction: Prediction) -> RunDescription {
        let configuration = resolved.plan
        let router = RouterText(resolved)
        let shape = configuration.modelShape
        return RunDescription(
            id: id,
            epsimVersion: EpsimVersion.current,
            configName: configName,
            commandLine: CommandLine.arguments,
            startedAt: ISO8601DateFormatter().string(from: started),
            seed: configuration.run.seed,
            clock: .modelled,
            steps: configuration.run.steps,
            warmupSteps: configuration.run.warmup,
            model: shape,
            router: router.line,
            padding: router.padding,
            expertDtype: configuration.hardware.products.rawValue,
            payloadDtype: "bf16",
            dispatchDtype: configuration.hardware.dispatch.rawValue,
            overlap: configuration.run.overlap.rawValue,
            placement: configuration.cluster.placement.rawValue,
            transport: configuration.hardware.kernel.rawValue,
            workload: RunText.workload(prediction.workload, steps: prediction.steps.count, configuration),
            hardware: hardware(prediction),
            hosts: [],
            workers: (0..<prediction.placement.ranks).map { rank in
                let slots = prediction.placement.slotCounts(ofRank: rank)
                return RankDescription(
                    rank: rank,
                    pid: 0,
                    host: configuration.hardware.profile,
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
