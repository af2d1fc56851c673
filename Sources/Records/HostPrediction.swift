/// The modelled times of a run's steps on a host.
public struct HostPrediction: Codable, Equatable, Sendable {
    /// The profile.
    public let hardware: String
    /// Seconds of a step, mean over steps.
    public let stepSeconds: Double
    /// Seconds per step and phase: summed over layers, mean over ranks and steps; in the order of `Phase`.
    public let phaseSeconds: [Double]
    /// Processor time of all threads of all processes, per step.
    public let processorSeconds: Double

    /// A prediction.
    public init(hardware: String, stepSeconds: Double, processorSeconds: Double, phaseSeconds: [Double]) {
        self.hardware = hardware
        self.stepSeconds = stepSeconds
        self.processorSeconds = processorSeconds
        self.phaseSeconds = phaseSeconds
    }

    /// Seconds per step of one phase.
    public func seconds(in phase: Phase) -> Double {
        Phase.allCases.firstIndex(of: phase).map { phaseSeconds[$0] } ?? 0
    }
}
