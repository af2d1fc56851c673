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
        let loads = ExpertLoads(routing.plan)
        let record = LayerRecord(
            layer: layer,
            expertCopies: loads.kept,
            expertDropped: loads.dropped,
            importance: routing.importance,
            tokensWithoutExpert: loads.tokensWithoutExpert,
            smoothLoad: routing.smoothLoad,
            paddedRows: routing.paddedRows,
            losses: routing.losses,
            ranks: zip(ranks, timelines).map { $0.record($1) },
            traffic: TrafficMatrix(
                plan: routing.plan,
                placement: placement,
                dispatchRowBytes: rowBytes,
                combineRowBytes: rowBytes
            ),
            gateSeconds: (clock.ready - clock.started).seconds,
            sharedSeconds: (clock.complete - clock.done).seconds,
            sharedComputeSeconds: (clock.ownExperts.map { $0.upperBound - $0.lowerBound } ?? 0).seconds,
            mergeSeconds: (clock.ended - clock.complete).seconds,
            seconds: (clock.ended - clock.started).seconds,
            exposedCommunicationSeconds: ExposedCommunication.seconds(
                chunks: ranks.flatMap(\.stamps),
                window: window,
                coordinatorBusy: clock.ownExperts.map { [$0] } ?? []
            )
        )
        return (record, timelines.map(\.movedNanoseconds).max() ?? 0)
    }
}
