import Cluster
import Workloads
import Settings
import Configuration
import CostModel
import Runtime

/// What a reader should know before believing a prediction.
struct PredictionNotes {
    /// Settings of live runs that a prediction does not read.
    private static let unread: Set<String> = [
        "model.dtype", "cluster.transport", "cluster.endpoint", "cluster.shared", "cluster.combine",
        "cluster.gate_weights", "cluster.payload", "cluster.dispatch_payload", "cluster.chunk_tokens",
        "cluster.credit_mib", "cluster.threads", "cluster.key_file", "cluster.start_seconds",
        "cluster.heartbeat_seconds", "cluster.layer_seconds", "cluster.delay_phase", "cluster.delay_rank",
        "cluster.delay_milliseconds", "run.verify",
    ]

    let resolved: ResolvedConfiguration
    let prediction: Prediction

    /// Notes of the routing, settings that do nothing here, what lies beyond the measurements behind the model, and
    /// constants that nobody measured.
    var all: [String] { resolved.notes + prediction.notes + ignored + range + assumed }

    private var configuration: RunPlan { resolved.plan }

    private var ignored: [String] {
        let given = resolved.values.filter { Self.unread.contains($0.key) && $0.source != .builtIn }
        guard !given.isEmpty else { return [] }
        let keys = given.map { "\($0.key) (\($0.source))" }.joined(separator: ", ")
        return ["a prediction does not read settings of live runs, its own are those of hardware: \(keys)"]
    }

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
        let workload = configuration.workload
        guard let choices = try? configuration.copiesPerToken() else { return [] }
        let tokens = Double(workload.tokens) / Double(configuration.cluster.workers)
        let experts = configuration.model.experts
        return PredictionRange.notes(
            communication: model.communication,
            hidden: configuration.model.hidden,
            experts: experts,
            choices: choices,
            tokensPerRank: tokens,
            isUniform: workload.kind == .synthetic && workload.distribution == .uniform
        )
            + PredictionRange.notes(
                products: model.compute,
                experts: experts,
                choices: choices,
                ranks: configuration.cluster.workers,
                tokensPerRank: tokens
            )
    }
}
