public import Records

/// Where the time of a step goes, by the clock of the report.
public struct TimeFigures: Codable, Equatable, Sendable {
    /// One phase of a step.
    public struct Share: Codable, Equatable, Sendable {
        /// The phase.
        public let phase: Phase
        /// Seconds per step: summed over layers, mean over ranks, mean over steps.
        public let seconds: Double
        /// `seconds` / mean seconds of a step; 0 to 1.
        @OrNull public internal(set) var share: Double?
    }

    /// Seconds of a step, from tokens in to outputs combined.
    public let stepSeconds: Spread
    /// All phases in order; their shares add up to 1 but for the residual.
    public let phases: [Share]
    /// Seconds per step in which the coordinator computed shared and dense experts of its own, overlapped or not: summed
    /// over layers, mean over steps. 0 where the ranks compute them.
    @OrNull public private(set) var sharedComputeSeconds: Double?
    /// `sharedComputeSeconds` / mean seconds of a step.
    @OrNull public private(set) var sharedComputeShare: Double?
    /// How far the phases miss the steps.
    public let residual: Residual

    /// The times of recorded steps of a run on `ranks` ranks.
    init(_ steps: [StepRecord], ranks: Int) {
        let whole = steps.reduce(0) { $0 + $1.seconds }
        stepSeconds = Spread(steps.map(\.seconds))
        residual = Residual(steps)
        let shared = steps.lazy.flatMap(\.layers).reduce(0) { $0 + $1.sharedComputeSeconds }
        sharedComputeSeconds = Average.ratio(shared, Double(steps.count))
        sharedComputeShare = Average.ratio(shared, whole)
        phases = Phase.allCases.compactMap { phase in
            let seconds = steps.reduce(0) { $0 + $1.seconds(in: phase, ranks: ranks) }
            guard let mean = Average.ratio(seconds, Double(steps.count)) else { return nil }
            return Share(phase: phase, seconds: mean, share: Average.ratio(seconds, whole))
        }
    }
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
