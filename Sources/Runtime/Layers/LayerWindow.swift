internal import Cluster
internal import Records

/// The time of a layer, and the part of it in which any exchange is under way.
struct LayerWindow {
    /// The interval from the end of the layer before to the end of this one.
    let layer: Range<Nanoseconds>
    /// The part of `layer` from the first hand-over of a chunk to the last arrival of a result. The time before it is
    /// the gate's, the time after it that of shared experts and merge. An exchange that reaches in from the layer
    /// before leaves no gate time, one that reaches into the next layer none after.
    let active: Range<Nanoseconds>

    init(layer: Range<Nanoseconds>, _ exchanges: some Sequence<ExchangeObservation>) {
        self.layer = layer
        var first = layer.upperBound
        var last = layer.lowerBound
        for exchange in exchanges {
            let clock = exchange.clock
            let travelled = clock.firstHandOver..<max(clock.firstHandOver, clock.lastArrival)
            guard travelled.isEmpty ? layer.contains(clock.lastArrival) : travelled.overlaps(layer) else { continue }
            first = min(first, max(clock.firstHandOver, layer.lowerBound))
            last = max(last, min(clock.lastArrival, layer.upperBound))
        }
        active = first <= last ? first..<last : layer.upperBound..<layer.upperBound
    }

    /// The stamps of the chunks that are under way in the active interval.
    func chunks(_ ranks: some Sequence<RankObservation>) -> [ChunkStamps] {
        ranks.flatMap { rank in
            rank.stamps.filter { $0.ready < active.upperBound && $0.collected > active.lowerBound }
        }
    }

    /// The time at which the ranks and the coordinator's own experts are done.
    ///
    /// - Parameter own: the exchanges of this layer.
    private func sharedEnd(_ own: [ExchangeObservation]) -> Nanoseconds {
        let complete = own.map(\.clock.complete).max() ?? active.upperBound
        return min(max(complete, active.upperBound), layer.upperBound)
    }

    /// The phases of a rank in the layer, with the coordinator's phases (gate, shared experts, merge) before and after.
    ///
    /// - Parameters:
    ///   - timeline: the rank's timeline in ``active``.
    ///   - own: the exchanges of this layer.
    func pieces(of timeline: RankTimeline, _ own: [ExchangeObservation]) -> [PhasePiece] {
        let shared = sharedEnd(own)
        var pieces: [PhasePiece] = []
        pieces.join(PhasePiece(phase: .gate, span: layer.lowerBound..<active.lowerBound))
        for piece in timeline.pieces { pieces.join(piece) }
        pieces.join(PhasePiece(phase: .shared, span: active.upperBound..<shared))
        pieces.join(PhasePiece(phase: .merge, span: shared..<layer.upperBound))
        return pieces
    }

    /// Set the times of the layer as a whole in its record: gate, shared experts, merge, total and exposed
    /// communication.
    ///
    /// - Parameters:
    ///   - own: the exchanges of this layer.
    ///   - all: the exchanges of the whole step.
    ///   - coordinatorBusy: the intervals in which the coordinator's thread worked on tokens.
    func fill(
        _ record: inout LayerRecord,
        _ own: [ExchangeObservation],
        _ all: some Sequence<ExchangeObservation>,
        coordinatorBusy: [WorkClock.Busy]
    ) {
        let shared = sharedEnd(own)
        record.gateSeconds = (active.lowerBound - layer.lowerBound).seconds
        record.sharedSeconds = (shared - active.upperBound).seconds
        record.sharedComputeSeconds = own.compactMap(\.clock.ownExperts).reduce(0) { sum, busy in
            sum + (busy.upperBound - busy.lowerBound).seconds
        }
        record.mergeSeconds = (layer.upperBound - shared).seconds
        record.seconds = (layer.upperBound - layer.lowerBound).seconds
        record.exposedCommunicationSeconds = ExposedCommunication.seconds(
            chunks: chunks(all.lazy.flatMap(\.ranks)),
            window: active,
            coordinatorBusy: coordinatorBusy.map(\.time).filter { $0.overlaps(active) }
                + all.compactMap(\.clock.ownExperts)
        )
        record.exposedWithoutOverlapSeconds = own.reduce(0) { $0 + Self.exposedAlone($1, coordinatorBusy) }
    }

    /// Seconds of an exchange's communication that its own compute does not hide, over its whole duration, even where
    /// that reaches beyond its layer.
    private static func exposedAlone(
        _ exchange: ExchangeObservation,
        _ coordinatorBusy: [WorkClock.Busy]
    ) -> Double {
        let clock = exchange.clock
        let window = clock.firstHandOver..<max(clock.firstHandOver, clock.lastArrival)
        return ExposedCommunication.seconds(
            chunks: exchange.ranks.flatMap(\.stamps),
            window: window,
            coordinatorBusy: coordinatorBusy.filter { $0.batch == exchange.batch }.map(\.time)
                + [clock.ownExperts].compactMap(\.self)
        )
    }
}
