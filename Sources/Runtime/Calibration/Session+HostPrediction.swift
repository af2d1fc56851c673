internal import Cluster
internal import Configuration
public import CostModel
public import Records
internal import Tensors
internal import Workloads

extension Session {
    /// What the modelled clock says of steps that ran, or why it says nothing.
    public enum HostForecast: Sendable {
        /// Of all steps.
        case prediction(HostPrediction)
        /// The model of a host does not cover this run.
        case none(String)
    }

    /// Predicts steps from their routing.
    ///
    /// - Parameters:
    ///   - steps: what was measured; only loads are read.
    ///   - profile: the machine that it ran on.
    public func forecast(of steps: [StepRecord], by profile: HostProfile) -> HostForecast {
        if let reason = uncovered { return .none("no prediction: \(profile.name) does not cover \(reason)") }
        guard !steps.isEmpty else { return .none("no prediction: no step was measured") }
        let predictor = HostPredictor(setup, profile: profile, computesLogits: computesLogits)
        return .prediction(predictor.prediction(of: steps, warmup: configuration.run.warmup))
    }

    /// What the model of a host leaves out.
    private var uncovered: String? {
        if setup.microBatches > 1 { return "two micro-batches (run.overlap)" }
        if setup.delay != nil { return "a delay (cluster.delay_phase)" }
        if setup.form.dispatch == .f8e4m3 { return "rows in float8 (cluster.dispatch_payload)" }
        if setup.form.presums { return "sums by workers (cluster.combine)" }
        if configuration.cluster.transport != .ipc { return "links other than ipc (cluster.transport)" }
        return nil
    }

    /// Whether the model's gate is applied, or the workload brings logits or choices.
    private var computesLogits: Bool {
        switch configuration.workload.kind {
        case .activations, .text: true
        case .synthetic, .trace, .loads: false
        }
    }
}
