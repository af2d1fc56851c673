import Cluster
import MoE
import Placement
import Records
import Tensors

@testable import Runtime

/// What a coordinator could have seen of a step: exchanges of layers and micro-batches, one after the other or side by
/// side.
struct TestExchanges {
    /// `[micro-batch][layer]`.
    private(set) var exchanges: [[ExchangeObservation]]
    /// The whole step.
    let span: Range<Nanoseconds>
    let routings: [Routing]

    /// Random exchanges over `ranks` ranks: a layer of a micro-batch begins when it is done with the one before, and when
    /// the one before in the order of the step has begun.
    init(seed: Int, batches: Int, layers: Int, ranks: Int) throws {
        var samples = Samples(seed: seed)
        var begun: Nanoseconds = 1000
        var ended = [Nanoseconds](repeating: 1000, count: batches)
        var exchanges = [[ExchangeObservation]](repeating: [], count: batches)
        for layer in 0..<layers {
            for batch in 0..<batches {
                begun = max(begun, ended[batch]) + Int64(samples.integer(0...50))
                let seen = try Self.exchange(layer, from: begun, ranks: ranks, &samples)
                exchanges[batch].append(seen)
                ended[batch] = seen.clock.ended
            }
        }
        self.exchanges = exchanges
        span = 1000..<(ended.max() ?? 1000) + Int64(samples.integer(0...20))
        routings = (0..<layers).map { _ in Self.routed(tokens: batches * 3).routing }
    }

    /// Three tokens for two experts.
    static func routed(tokens: Int = 3) -> RoutedBatch {
        let plan = DispatchPlan(
            experts: 2,
            copyOffsets: Array(0...tokens),
            expert: (0..<tokens).map { Int32($0 % 2) },
            weight: [Float](repeating: 1, count: tokens),
            position: [Int32](repeating: 0, count: tokens)
        )
        let batch = RouterBatch(
            tokens: tokens,
            experts: 2,
            projections: [],
            random: CounterRandom(seed: 1, purpose: .test)
        )
        return RoutedBatch(state: RouterState(), batch: batch, routing: Routing(plan: plan, importance: [1, 1]))
    }

    /// Where the copies of ``routed(tokens:)`` go: the experts on the first of `ranks` ranks, one on each.
    static func slots(ranks: Int, tokens: Int = 3) throws -> SlotPlan {
        let placement = try PlacementPolicy.contiguous.layerPlacement(experts: 2, ranks: ranks)
        return SlotPlan(routed(tokens: tokens).routing.plan, placement: placement)
    }

    private static func exchange(_ layer: Int, from begun: Nanoseconds, ranks: Int, _ samples: inout Samples) throws
        -> ExchangeObservation
    {
        var seen = (0..<ranks).map { RankObservation(rank: $0) }
        for _ in 0..<samples.integer(1...4) {
            var times = [begun]
            for _ in 0..<6 { times.append((times.last ?? begun) + Int64(samples.integer(0...40))) }
            let stamps = ChunkStamps(
                ready: times[0],
                handedOver: times[1],
                received: times[2],
                started: times[3],
                finished: times[4],
                returned: times[5],
                collected: times[6]
            )
            let chunk = ChunkTrack(
                stamps: stamps,
                copies: samples.integer(1...9),
                dispatchBytes: samples.integer(100...900),
                combineBytes: samples.integer(100...900)
            )
            seen[samples.integer(0...ranks - 1)].chunks.append(chunk)
        }
        let stamps = seen.flatMap(\.stamps)
        let arrival = stamps.map(\.collected).max() ?? begun
        let complete = arrival + Int64(samples.integer(0...20))
        return ExchangeObservation(
            batch: 0,
            routed: routed(),
            slots: try slots(ranks: ranks),
            ranks: seen,
            clock: LayerClock(
                firstHandOver: stamps.map(\.handedOver).min() ?? begun,
                lastArrival: arrival,
                complete: complete,
                ended: complete + Int64(samples.integer(0...30)),
                ownExperts: samples.integer(0...1) == 0 ? nil : begun..<begun + Int64(samples.integer(0...60))
            )
        )
    }
}
