import CostModel
public import Records

/// What the modelled clock of this machine says of the steps that were measured.
public struct PredictionFigures: Codable, Equatable, Sendable {
    /// One phase of a step.
    public struct PhaseTime: Codable, Equatable, Sendable {
        /// The phase.
        public let phase: Phase
        /// Seconds per step: summed over layers, mean over ranks, mean over steps.
        public let seconds: Double
    }

    /// The profile of the machine.
    public let hardware: String
    /// Seconds of a step, mean over steps.
    public let stepSeconds: Double
    /// Processor time of all threads of all processes, per step.
    public let processorSeconds: Double
    /// All phases in order.
    public let phases: [PhaseTime]
    /// `stepSeconds` / median of the measured steps - 1.
    @OrNull public private(set) var stepError: Double?

    /// The figures beside measured steps.
    init(_ prediction: HostPrediction, measured: Spread) {
        hardware = prediction.hardware
        stepSeconds = prediction.stepSeconds
        processorSeconds = prediction.processorSeconds
        phases = Phase.allCases.map { PhaseTime(phase: $0, seconds: prediction.seconds(in: $0)) }
        stepError = measured.p50.flatMap { Average.ratio(prediction.stepSeconds, $0) }.map { $0 - 1 }
    }
}
