internal import Cluster
internal import MoE
internal import Placement
internal import Records
internal import Tensors

/// The attribution of a step's time to layers, ranks and phases.
///
/// A layer lasts from the end of the layer before to its own end, the moment when its last micro-batch is combined. In
/// that time the next layer of the other micro-batch may be under way; whatever a rank does then counts where it
/// happens.
struct StepTimeline {
    private let ranks: Int
    private let identityExperts: Int
    private let sentRowBytes: Int
    private let replyRowBytes: Int

    init(_ setup: SessionSetup) {
        ranks = setup.placement.ranks
        identityExperts = setup.model.identityExperts
        sentRowBytes = RowEncoding.byteCount(columns: setup.model.hidden, as: setup.form.dispatch)
        replyRowBytes = RowEncoding.byteCount(columns: setup.model.hidden, as: setup.form.combine)
    }

    /// The times of one step, by layer, rank and phase.
    struct Records {
        let seconds: Double
        let layers: [LayerRecord]
        /// The time intervals of each layer, by rank and phase.
        let tracks: [LayerTrack]
        /// The intervals in which the coordinator worked on tokens.
        let coordinator: [CoordinatorPiece]
        /// The largest shift, in nanoseconds, that put a worker's time stamp between the coordinator's stamps of the
        /// same chunk.
        let moved: Nanoseconds
    }

    /// The records of a step from the observations of its exchanges.
    ///
    /// - Parameters:
    ///   - span: the interval from the first token in to the last output combined.
    ///   - routings: the routing of all tokens, one per layer.
    ///   - exchanges: the observations, `[micro-batch][layer]`.
    ///   - sources: the owners of the tokens; nil for equal runs.
    func records(
        of span: Range<Nanoseconds>,
        routings: [Routing],
        exchanges: [[ExchangeObservation]],
        sources: SourceRanks? = nil,
        work: WorkClock
    ) -> Records {
        let all = exchanges.joined()
        var start = span.lowerBound
        var moved: Nanoseconds = 0
        var layers: [LayerRecord] = []
        var tracks: [LayerTrack] = []
        for (layer, routing) in routings.enumerated() {
            let own = exchanges.map { $0[layer] }
            let last = layer == routings.count - 1
            let end = last ? span.upperBound : own.map(\.clock.ended).max() ?? start
            let layerSpan = start..<max(start, end)
            let near = all.filter { $0.clock.firstHandOver <= layerSpan.upperBound && $0.clock.ended >= start }
            let window = LayerWindow(layer: layerSpan, near)
            var record = LayerRecord(layer: layer, routing: routing, identityExperts: identityExperts)
            let ranks = (0..<ranks).map { rank in rankTimes(rank, own, near, window) }
            record.ranks = ranks.map(\.record)
            tracks.append(LayerTrack(layer: layer, span: layerSpan, ranks: ranks.map(\.track)))
            moved = max(moved, ranks.map(\.moved).max() ?? 0)
            record.traffic = TrafficMatrix(
                plan: routing.plan,
                slots: SlotPlan.joined(own.map(\.slots)),
                dispatchRowBytes: sentRowBytes,
                combineRowBytes: replyRowBytes,
                sources: sources
            )
            window.fill(&record, own, near, coordinatorBusy: work.busy)
            record.coordinator = work.seconds[layer]
            layers.append(record)
            start = max(start, end)
        }
        return Records(
            seconds: (span.upperBound - span.lowerBound).seconds,
            layers: layers,
            tracks: tracks,
            coordinator: work.pieces + exchanges.ownExperts,
            moved: moved
        )
    }

    private struct RankTimes {
        let record: RankRecord
        let track: RankTrack
        let moved: Nanoseconds
    }

    private func rankTimes(
        _ rank: Int,
        _ own: [ExchangeObservation],
        _ all: some Sequence<ExchangeObservation>,
        _ window: LayerWindow
    ) -> RankTimes {
        let timeline = RankTimeline(chunks: window.chunks(all.lazy.map { $0.ranks[rank] }), window: window.active)
        let seen = own.map { $0.ranks[rank] }
        let record = RankRecord(
            rank: rank,
            copies: seen.reduce(0) { $0 + $1.copies },
            sharedTokens: seen.reduce(0) { $0 + $1.sharedTokens },
            dispatchBytes: seen.reduce(0) { $0 + $1.dispatchBytes },
            combineBytes: seen.reduce(0) { $0 + $1.combineBytes },
            seconds: timeline.seconds,
            dispatchInFlightSeconds: timeline.dispatchInFlightSeconds,
            combineInFlightSeconds: timeline.combineInFlightSeconds
        )
        let chunks = seen.flatMap(\.chunks).map(\.fitted).sorted { $0.stamps.handedOver < $1.stamps.handedOver }
        let track = RankTrack(rank: rank, pieces: window.pieces(of: timeline, own), chunks: chunks)
        return RankTimes(record: record, track: track, moved: timeline.movedNanoseconds)
    }
}

extension WorkClock {
    fileprivate var pieces: [CoordinatorPiece] {
        busy.map { CoordinatorPiece(work: $0.work, layer: $0.layer, span: $0.time) }
    }
}

extension [[ExchangeObservation]] {
    /// The intervals in which the coordinator's own experts ran, in order of time.
    fileprivate var ownExperts: [CoordinatorPiece] {
        flatMap { exchanges in
            exchanges.enumerated().compactMap { layer, exchange in
                exchange.clock.ownExperts.map { CoordinatorPiece(work: .experts, layer: layer, span: $0) }
            }
        }.sorted { $0.span.lowerBound < $1.span.lowerBound }
    }
}
