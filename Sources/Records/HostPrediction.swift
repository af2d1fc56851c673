/// The modelled times of a live run's measured steps, by the hardware profile of the host.
public struct HostPrediction: Codable, Equatable, Sendable {
    /// The name of the hardware profile.
    public let hardware: String
    /// Modelled seconds of a step, mean over steps.
    public let stepSeconds: Double
    /// Modelled seconds per step of each phase, `[phases]` in the order of ``Phase``: summed over layers, mean over
    /// ranks and steps.
    public let phaseSeconds: [Double]
    /// Modelled processor seconds of all threads of all processes, per step.
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
