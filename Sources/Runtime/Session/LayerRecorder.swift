internal import Cluster
internal import CostModel
internal import MoE
internal import Placement

/// Turns what happened in a layer into its record.
struct LayerRecorder {
    let layer: Int
    let routing: Routing
    let batches: LayerBatches
    let placement: Placement
    /// Bytes of a token row, to the experts and back.
    let rowBytes: Int

    func record(_ results: LayerResults, _ clock: LayerClock) -> (record: LayerRecord, moved: Nanoseconds) {
        let window = clock.ready..<max(clock.ready, clock.done)
        let timelines = batches.ranks.map { batch in
            let stamps = results.collected.filter { $0.rank == batch.rank }.map(\.stamps)
            return RankTimeline(chunks: stamps, window: window)
        }
        let loads = ExpertLoads(routing.plan)
        let record = LayerRecord(
            layer: layer,
            expertCopies: loads.kept,
            expertDropped: loads.dropped,
            importance: routing.importance,
            tokensWithoutExpert: loads.tokensWithoutExpert,
            losses: routing.losses,
            ranks: zip(batches.ranks, timelines).map { rankRecord($0, $1, results) },
            traffic: TrafficMatrix(
                plan: routing.plan,
                placement: placement,
                dispatchRowBytes: rowBytes,
                combineRowBytes: rowBytes
            ),
            gateSeconds: (clock.ready - clock.started).seconds,
            mergeSeconds: (clock.ended - clock.done).seconds,
            seconds: (clock.ended - clock.started).seconds,
            exposedCommunicationSeconds: ExposedCommunication.seconds(
                chunks: results.collected.map(\.stamps),
                window: window,
                coordinatorBusy: []
            )
        )
        return (record, timelines.map(\.movedNanoseconds).max() ?? 0)
    }

    private func rankRecord(_ batch: RankBatch, _ timeline: RankTimeline, _ results: LayerResults) -> RankRecord {
        RankRecord(
            rank: batch.rank,
            copies: batch.routedRows,
            sharedTokens: batch.rows - batch.routedRows,
            dispatchBytes: results.dispatchBytes[batch.rank],
            combineBytes: results.combineBytes[batch.rank],
            seconds: timeline.seconds,
            dispatchInFlightSeconds: timeline.dispatchInFlightSeconds,
            combineInFlightSeconds: timeline.combineInFlightSeconds
        )
    }
}
