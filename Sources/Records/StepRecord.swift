/// One step: a batch of tokens through all MoE layers.
public struct StepRecord: Codable, Equatable, Sendable {
    /// Index of the step, counted without the warm-up.
    public var step: Int
    /// Tokens of the step.
    public var tokens: Int
    /// From tokens in to outputs combined.
    public var seconds: Double
    /// Its layers, in order.
    public var layers: [LayerRecord]

    /// A record of one step.
    public init(step: Int, tokens: Int, seconds: Double, layers: [LayerRecord]) {
        self.step = step
        self.tokens = tokens
        self.seconds = seconds
        self.layers = layers
    }
}

/// The end of a run.
public enum RunEnd: Equatable, Sendable {
    /// All steps ran.
    case completed
    /// Something went wrong, said in one line.
    case failed(String)
    /// Someone stopped it, said in one line; what was measured until then counts.
    case interrupted(String)
}

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
