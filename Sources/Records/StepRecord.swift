/// The record of one step: a batch of tokens through all MoE layers.
public struct StepRecord: Codable, Equatable, Sendable {
    /// Index of the step, counted without the warm-up.
    public var step: Int
    /// Tokens of the step.
    public var tokens: Int
    /// Seconds from tokens in to outputs combined.
    public var seconds: Double
    /// The layers of the step, in order.
    public var layers: [LayerRecord]

    /// A record of one step.
    public init(step: Int, tokens: Int, seconds: Double, layers: [LayerRecord]) {
        self.step = step
        self.tokens = tokens
        self.seconds = seconds
        self.layers = layers
    }
}

/// The way in which a run ended: completed, failed or interrupted.
public enum RunEnd: Equatable, Sendable {
    /// All steps ran.
    case completed
    /// The run ended with an error, which the text gives in one line.
    case failed(String)
    /// The run was stopped, for the reason that the text gives in one line; the steps measured until then count.
    case interrupted(String)
}

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
