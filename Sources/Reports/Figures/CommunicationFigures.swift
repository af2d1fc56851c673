import Records

/// Time and bytes of dispatch and combine.
public struct CommunicationFigures: Codable, Equatable, Sendable {
    /// Bytes between the coordinator and the ranks, envelopes and payloads.
    public struct Bytes: Codable, Equatable, Sendable {
        /// Bytes sent to the ranks in all measured steps.
        public let dispatch: Int
        /// Bytes received from the ranks in all measured steps.
        public let combine: Int
        /// Bytes sent to the ranks per step, on average.
        @OrNull public internal(set) var dispatchPerStep: Double?
        /// Bytes received from the ranks per step, on average.
        @OrNull public internal(set) var combinePerStep: Double?
    }

    /// Seconds per step: for each layer, the seconds for which tokens travelled to a rank plus those for which outputs
    /// travelled back, of the rank where that is most; summed over layers; mean over steps.
    @OrNull public private(set) var totalSeconds: Double?
    /// Seconds per step during which data was on its way while neither a rank nor the coordinator computed, summed over layers; mean over steps.
    @OrNull public private(set) var exposedSeconds: Double?
    /// `totalSeconds` / mean seconds of a step. Dispatch and combine may overlap, so this may pass 1.
    @OrNull public private(set) var totalShare: Double?
    /// `exposedSeconds` / mean seconds of a step; 0 to 1.
    @OrNull public private(set) var exposedShare: Double?
    /// What `exposedSeconds` would be had no micro-batch computed while another's data was on its way; the same without
    /// micro-batches.
    @OrNull public private(set) var exposedWithoutOverlapSeconds: Double?
    /// `exposedWithoutOverlapSeconds` / mean seconds of a step.
    @OrNull public private(set) var exposedWithoutOverlapShare: Double?
    /// Bytes on the wire.
    public let bytes: Bytes
    /// Token rows between ranks, as if each rank owned its part of the tokens.
    public let traffic: TrafficFigures

    /// The communication of recorded steps of a run on `ranks` ranks.
    init(_ steps: [StepRecord], ranks: Int) {
        let layers = steps.flatMap(\.layers)
        let count = Double(steps.count)
        let step = steps.reduce(0) { $0 + $1.seconds }
        let total = layers.reduce(0) { $0 + $1.busiestRankInFlightSeconds }
        let exposed = layers.reduce(0) { $0 + $1.exposedCommunicationSeconds }
        let dispatch = layers.reduce(0) { $1.ranks.reduce($0) { $0 + $1.dispatchBytes } }
        let combine = layers.reduce(0) { $1.ranks.reduce($0) { $0 + $1.combineBytes } }
        totalSeconds = Average.ratio(total, count)
        exposedSeconds = Average.ratio(exposed, count)
        totalShare = Average.ratio(total, step)
        exposedShare = Average.ratio(exposed, step)
        let alone = layers.reduce(0) { $0 + $1.exposedWithoutOverlapSeconds }
        exposedWithoutOverlapSeconds = Average.ratio(alone, count)
        exposedWithoutOverlapShare = Average.ratio(alone, step)
        bytes = Bytes(
            dispatch: dispatch,
            combine: combine,
            dispatchPerStep: Average.ratio(Double(dispatch), count),
            combinePerStep: Average.ratio(Double(combine), count)
        )
        traffic = TrafficFigures(layers, steps: steps.count, ranks: ranks)
    }
}

extension LayerRecord {
    /// Seconds in flight of the rank where they are most.
    fileprivate var busiestRankInFlightSeconds: Double {
        ranks.map { $0.dispatchInFlightSeconds + $0.combineInFlightSeconds }.max() ?? 0
    }
}
