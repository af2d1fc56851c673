import Basics
public import Figures
public import Records

/// The modelled times of the measured steps, on this machine's profile.
public struct PredictionFigures: Codable, Equatable, Sendable {
    /// One phase of a step.
    public struct PhaseTime: Codable, Equatable, Sendable {
        /// The phase.
        public let phase: Phase
        /// Seconds per step: summed over layers, mean over ranks, mean over steps.
        public let seconds: Double
    }

    /// Its figures.
    public let figures: FigureValues
    /// The profile of the machine.
    public let hardware: String
    /// All phases in order.
    public let phases: [PhaseTime]

    static let section = Figure.Section.prediction
    private static let hardwareKey = JSONKey(stringValue: "hardware")
    private static let phasesKey = JSONKey(stringValue: "phases")

    /// The figures beside measured steps.
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

    /// Seconds of a step, mean over steps.
    public var stepSeconds: Double { figures[.predictedSeconds] ?? 0 }

    /// Seconds of a phase per step; 0 where it is not known.
    public func seconds(in phase: Phase) -> Double { phases.first { $0.phase == phase }?.seconds ?? 0 }
}

extension PredictionFigures.PhaseTime: KeyMeanings {
    /// What its keys are.
    public static let meanings = [
        "phase": "The phase.",
        "seconds": "Seconds per step: summed over layers, mean over ranks, mean over steps.",
    ]
}

extension PredictionFigures: KeyMeanings {
    /// What its keys are.
    public static let meanings = [
        "hardware": "The profile of the machine.",
        "phases": "All phases in order.",
    ]
}
