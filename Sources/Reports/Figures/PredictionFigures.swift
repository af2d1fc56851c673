import Basics
public import Figures
public import Records

/// The modelled times of a live run's measured steps, by the hardware profile of this machine.
public struct PredictionFigures: Codable, Equatable, Sendable {
    /// The modelled time of one phase of a step.
    public struct PhaseTime: Codable, Equatable, Sendable {
        /// The phase that the seconds belong to.
        public let phase: Phase
        /// Seconds per step: summed over layers, mean over ranks, mean over steps.
        public let seconds: Double
    }

    /// Values of the catalogue's figures of the prediction.
    public let figures: FigureValues
    /// The name of the machine's hardware profile.
    public let hardware: String
    /// The modelled time of each phase, in the order of the phases.
    public let phases: [PhaseTime]

    static let section = Figure.Section.prediction
    private static let hardwareKey = JSONKey(stringValue: "hardware")
    private static let phasesKey = JSONKey(stringValue: "phases")

    /// Compute the figures from a prediction and from the measured seconds of the same steps.
    init(_ prediction: HostPrediction, measured: Spread) {
        hardware = prediction.hardware
        phases = Phase.allCases.map { PhaseTime(phase: $0, seconds: prediction.seconds(in: $0)) }
        var figures = FigureValues()
        figures[.predictedSeconds] = prediction.stepSeconds
        figures[.predictedProcessorSeconds] = prediction.processorSeconds
        figures[.predictionError] = measured.p50.flatMap { Average.ratio(prediction.stepSeconds, $0) }.map { $0 - 1 }
        self.figures = figures
    }

    /// Read the figures of the catalogue, the profile and the phases.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: JSONKey.self)
        figures = try FigureValues(from: container, section: Self.section)
        hardware = try container.decode(String.self, forKey: Self.hardwareKey)
        phases = try container.decode([PhaseTime].self, forKey: Self.phasesKey)
    }

    /// Write the figures of the catalogue, the profile and the phases.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: JSONKey.self)
        try figures.encode(to: &container, section: Self.section)
        try container.encode(hardware, forKey: Self.hardwareKey)
        try container.encode(phases, forKey: Self.phasesKey)
    }

    /// Modelled seconds of a step, mean over steps.
    public var stepSeconds: Double { figures[.predictedSeconds] ?? 0 }

    /// Return the modelled seconds of a phase per step; 0 where the phase is not known.
    public func seconds(in phase: Phase) -> Double { phases.first { $0.phase == phase }?.seconds ?? 0 }
}

extension PredictionFigures.PhaseTime: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "phase": "The name of the phase: gate, dispatch, compute and so on.",
        "seconds": "Seconds per step: summed over layers, mean over ranks, mean over steps.",
    ]
}

extension PredictionFigures: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "hardware": "The profile of the machine.",
        "phases": "All phases in order.",
    ]
}
