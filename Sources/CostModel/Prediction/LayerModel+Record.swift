public import Records
internal import MoE

extension LayerModel {
    /// Fills the times of a layer's record by the modelled clock.
    ///
    /// - Parameters:
    ///   - rows: what the routing of the layer asks for.
    ///   - record: loads and losses of the routing; its ranks and times are replaced.
    public func fill(_ record: inout LayerRecord, rows: RoutedRows) {
        let schedule = schedule(rows)
        record.gateSeconds = schedule.times.gate
        record.seconds = schedule.seconds
        record.exposedCommunicationSeconds = schedule.exposed
        record.exposedWithoutOverlapSeconds =
            overlap == .twoBatch ? times(rows).communication : schedule.times.communication
        let copies = WholeNumbers.keepingSum(rows.ranks.map(\.copiesReceived))
        record.ranks = (0..<cluster.ranks).map { rank in
            let bytes = communication.receivedBytes(rows, rank: rank)
            return RankRecord(
                rank: rank,
                copies: copies[rank],
                sharedTokens: model.hasCommonExperts ? Int(rows.tokens[rank].rounded()) : 0,
                dispatchBytes: Int(bytes.dispatch.rounded()),
                combineBytes: Int(bytes.combine.rounded()),
                seconds: schedule.seconds(ofRank: rank),
                dispatchInFlightSeconds: schedule.times.dispatch[rank],
                combineInFlightSeconds: schedule.times.combine[rank]
            )
        }
    }

    /// How the phases of a layer lie in time.
    func schedule(_ rows: RoutedRows) -> LayerSchedule {
        switch overlap {
        case .none:
            let times = times(rows)
            return LayerSchedule(times: times, seconds: times.work + times.communication)
        case .full:
            let times = times(rows)
            return LayerSchedule(times: times, seconds: max(times.work, times.communication))
        case .twoBatch:
            let half = times(rows.scaled(by: 0.5))
            let both = half.doubled
            // The first half has nothing to hide behind when the step begins, nor the last when it ends.
            let fill = min(half.work, half.communication) / Double(max(model.layers, 1))
            return LayerSchedule(times: both, seconds: max(both.work, both.communication) + fill)
        }
    }
}
