public import Records

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

    /// The mean of steps, each given by its layers.
    ///
    /// - Precondition: there is a step.
    public init(hardware: String, steps: [[HostLayerTimes]]) {
        precondition(!steps.isEmpty, "a mean of no steps")
        let count = Double(steps.count)
        self.hardware = hardware
        stepSeconds = steps.joined().reduce(0) { $0 + $1.seconds } / count
        processorSeconds = steps.joined().reduce(0) { $0 + $1.processorSeconds } / count
        phaseSeconds = Phase.allCases.map { phase in steps.joined().reduce(0) { $0 + $1.seconds(in: phase) } / count }
    }

    /// Seconds per step of one phase.
    public func seconds(in phase: Phase) -> Double {
        Phase.allCases.firstIndex(of: phase).map { phaseSeconds[$0] } ?? 0
    }
}
