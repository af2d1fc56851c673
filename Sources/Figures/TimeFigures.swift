public import Basics
public import Records

/// The time of a step by phase, on the clock of the report.
public struct TimeFigures: Codable, Equatable, Sendable {
    /// The time of one phase of a step.
    public struct Share: Codable, Equatable, Sendable {
        /// The phase that the seconds belong to.
        public let phase: Phase
        /// Seconds per step: summed over layers, mean over ranks, mean over steps.
        public let seconds: Double
        /// `seconds` / mean seconds of a step; 0 to 1.
        @OrNull public internal(set) var share: Double?
    }

    private static let section = Figure.Section.time
    private static let phasesKey = JSONKey(stringValue: "phases")
    private static let residualKey = JSONKey(stringValue: "residual")

    /// Values of the catalogue's figures of the time of a step.
    public let figures: FigureValues
    /// The time of each phase, in the order of the phases; the shares add up to 1 but for the residual.
    public let phases: [Share]
    /// The difference between the steps and the sums of their phases.
    public let residual: Residual

    /// The times of recorded steps of a run on `ranks` ranks; `sums` accumulates the figures of the same steps.
    public init(_ steps: [StepRecord], ranks: Int, _ sums: FigureAccumulator) {
        figures = sums.values(of: Self.section)
        residual = Residual(steps)
        phases = Phase.allCases.compactMap { phase in
            let seconds = steps.reduce(0) { $0 + $1.seconds(in: phase, ranks: ranks) }
            guard let mean = Average.ratio(seconds, Double(steps.count)) else { return nil }
            return Share(phase: phase, seconds: mean, share: Average.ratio(seconds, sums.seconds))
        }
    }

    /// Read the figures of the catalogue, the phases and the residual.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: JSONKey.self)
        figures = try FigureValues(from: container, section: Self.section)
        phases = try container.decode([Share].self, forKey: Self.phasesKey)
        residual = try container.decode(Residual.self, forKey: Self.residualKey)
    }

    /// Write the figures of the catalogue, the phases and the residual.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: JSONKey.self)
        try figures.encode(to: &container, section: Self.section)
        try container.encode(phases, forKey: Self.phasesKey)
        try container.encode(residual, forKey: Self.residualKey)
    }

    /// Return the seconds of a phase per step; 0 where the phase is not known.
    public func seconds(in phase: Phase) -> Double { phases.first { $0.phase == phase }?.seconds ?? 0 }
}

extension StepRecord {
    /// Seconds of a phase, summed over layers, mean over ranks; the coordinator's phases count for every rank.
    fileprivate func seconds(in phase: Phase, ranks: Int) -> Double {
        layers.reduce(0) { total, layer in
            switch phase {
            case .gate: total + layer.gateSeconds
            case .shared: total + layer.sharedSeconds
            case .merge: total + layer.mergeSeconds
            case .dispatch, .queue, .compute, .combine, .wait:
                total + layer.ranks.reduce(0) { $0 + $1.seconds[phase] } / Double(max(ranks, 1))
            }
        }
    }
}

extension TimeFigures.Share: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "phase": "The name of the phase: gate, dispatch, compute and so on.",
        "seconds": "Seconds per step: summed over layers, mean over ranks, mean over steps.",
        "share": "`seconds` / mean seconds of a step; 0 to 1.",
    ]
}
