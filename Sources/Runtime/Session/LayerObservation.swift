internal import Cluster
internal import CostModel
internal import MoE
internal import Placement

/// What was seen of one layer in one step, kept as it is until the step is over.
struct LayerObservation: Sendable {
    let layer: Int
    let routing: Routing
    let ranks: [RankObservation]
    let clock: LayerClock

    /// Counts loads and attributes times.
    ///
    /// - Parameter rowBytes: bytes of a token row, to the experts and back.
    /// - Returns: the record, and the furthest that a worker's stamp had to move to stand between the coordinator's.
    func record(placement: Placement, rowBytes: Int) -> (record: LayerRecord, moved: Nanoseconds) {
        let window = clock.ready..<max(clock.ready, clock.done)
        let timelines = ranks.map { RankTimeline(chunks: $0.stamps, window: window) }
        var record = LayerRecord(layer: layer, routing: routing)
        record.ranks = zip(ranks, timelines).map { $0.record($1) }
        record.traffic = TrafficMatrix(
            plan: routing.plan,
            placement: placement,
            dispatchRowBytes: rowBytes,
            combineRowBytes: rowBytes
        )
        record.gateSeconds = (clock.ready - clock.started).seconds
        record.sharedSeconds = (clock.complete - clock.done).seconds
        record.sharedComputeSeconds = (clock.ownExperts.map { $0.upperBound - $0.lowerBound } ?? 0).seconds
        record.mergeSeconds = (clock.ended - clock.complete).seconds
        record.seconds = (clock.ended - clock.started).seconds
        record.exposedCommunicationSeconds = ExposedCommunication.seconds(
            chunks: ranks.flatMap(\.stamps),
            window: window,
            coordinatorBusy: clock.ownExperts.map { [$0] } ?? []
        )
        return (record, timelines.map(\.movedNanoseconds).max() ?? 0)
    }
}
